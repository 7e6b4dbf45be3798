package dev.lathe.compress.quantize;

import dev.lathe.compress.DecodedTensors;
import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LogitCurvature;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Compares types chosen under a budget with the largest named mix and the largest single type that fit in it, and takes the
 * best: all encoded in the same way, to nearest numbers weighted by importance, and measured on texts that took no part in the
 * choice.
 */
final class BudgetComparison {
    private final TensorSource model;
    private final TransformContext context;
    private final String step;
    private final ImportanceMatrix importances;

    /** Types that fit. */
    private record Rival(String name, QuantizationPlan plan) {}

    /**
     * What came out.
     *
     * @param plan the types with the least divergence
     * @param notes a sentence for each rival
     */
    record Outcome(QuantizationPlan plan, List<String> notes) {}

    BudgetComparison(TensorSource model, TransformContext context, String step, ImportanceMatrix importances) {
        this.model = model;
        this.context = context;
        this.step = step;
        this.importances = importances;
    }

    /**
     * Measures.
     *
     * @param chosen the chosen types
     * @param given its rules hold for rivals too
     * @param budget bytes that no rival may exceed
     * @param texts what to measure on
     */
    Outcome best(QuantizationPlan chosen, TypeChoice given, long budget, List<int[]> texts) throws IOException {
        List<FloatMatrix> base = hidden(model, texts);
        double own = divergence(base, chosen, texts);
        QuantizationPlan best = chosen;
        double least = own;
        List<String> notes = new ArrayList<>();
        for (Rival rival : rivals(given, budget)) {
            double its = divergence(base, rival.plan(), texts);
            notes.add(String.format(
                    Locale.ROOT,
                    "the choice by matrix is %s than %s of %,d bytes%s: divergence from the source %.5f, there %.5f",
                    own < its ? "better" : "not better",
                    rival.name(),
                    rival.plan().byteCount(),
                    its < least ? ", whose types were taken" : "",
                    own,
                    its));
            if (its < least) {
                best = rival.plan();
                least = its;
            }
        }
        return new Outcome(best, notes);
    }

    /** The largest mix and the largest type that fit. */
    private List<Rival> rivals(TypeChoice given, long budget) {
        Stream<TypeChoice> mixes = Arrays.stream(Mix.values()).map(TypeChoice::mix);
        Stream<TypeChoice> types =
                Budget.CANDIDATES.stream().map(type -> TypeChoice.uniform(type).with("head", type, Weight::isHead));
        return Stream.of(mixes, types)
                .flatMap(choices -> choices
                        .map(choice -> choice.withRulesOf(given))
                        .map(choice -> new Rival(choice.name(), QuantizationPlan.of(choice, model, true)))
                        .filter(rival -> rival.plan().byteCount() <= budget)
                        .max(Comparator.comparingLong(rival -> rival.plan().byteCount()))
                        .stream())
                .toList();
    }

    private double divergence(List<FloatMatrix> base, QuantizationPlan plan, List<int[]> texts) throws IOException {
        ModelEdit edit = new ModelEdit(model);
        for (QuantizationPlan.Entry entry : plan.entries()) {
            TensorInfo tensor = entry.tensor();
            float[] columns = importances
                    .find(tensor.name())
                    .map(ImportanceMatrix.Entry::importances)
                    .orElse(null);
            Encoded encoded = RowEncoder.encode(model, tensor, entry.type(), columns, context.workers());
            edit.put(tensor.name(), encoded.type(), tensor.dimensions(), encoded.content());
        }
        List<FloatMatrix> changed = hidden(edit, texts);
        LayerwiseModel.Head head = head(model);
        LayerwiseModel.Head changedHead = head(edit);
        double total = 0;
        long rows = 0;
        for (int text = 0; text < texts.size(); text++) {
            total += new LogitCurvature(head.logits(base.get(text))).of(changedHead.logits(changed.get(text)));
            rows += base.get(text).rows();
        }
        context.done(step + ": comparison", 1, 1);
        return total / rows;
    }

    private List<FloatMatrix> hidden(TensorSource source, List<int[]> texts) throws IOException {
        return LayerSweep.of(new DecodedTensors(source), texts, context.workers())
                .toEnd()
                .hidden();
    }

    private LayerwiseModel.Head head(TensorSource source) throws IOException {
        return LayerwiseModel.of(new DecodedTensors(source), context.workers()).head();
    }
}
