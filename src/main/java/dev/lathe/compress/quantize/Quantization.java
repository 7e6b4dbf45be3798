package dev.lathe.compress.quantize;

import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepRecorder;
import dev.lathe.compress.TensorReport;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.TensorInfo;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** One run of {@link Quantize} on one model: plans under a budget, encodes, reports. Used once, by one thread. */
final class Quantization {
    /** Calibration texts kept apart to compare plans on, where there are enough. */
    private static final int TEXTS_KEPT_APART = 4;

    private final ModelEdit model;
    private final TransformContext context;
    private final StepRecorder recorder;
    private final String step;
    private final Method method;
    private Optional<ImportanceMatrix> importances;
    private final Map<String, TensorReport> reports = new HashMap<>();

    Quantization(
            ModelEdit model,
            TransformContext context,
            StepRecorder recorder,
            String step,
            Method method,
            Optional<ImportanceMatrix> importances) {
        this.model = model;
        this.context = context;
        this.recorder = recorder;
        this.step = step;
        this.method = method;
        this.importances = importances;
    }

    /** Chooses types for so many bytes, or takes a mix that does better, and notes how they compare. */
    QuantizationPlan planWithin(long bytes, TypeChoice given) throws IOException {
        List<int[]> texts = context.requireCalibration(step);
        boolean enough = texts.size() >= 2 * TEXTS_KEPT_APART;
        int apart = enough ? texts.size() - TEXTS_KEPT_APART : texts.size();
        TransformContext fitting = new TransformContext(
                texts.subList(0, apart), context.workers(), context.progress(), context.cancelled());
        ImportanceMatrix weights =
                importances.isPresent() ? importances.get() : Importances.collect(model, fitting, step);
        QuantizationPlan plan = new Budget(model, fitting, step, weights).plan(bytes, given);
        List<int[]> comparison = enough ? texts.subList(apart, texts.size()) : texts;
        BudgetComparison.Outcome outcome =
                new BudgetComparison(model, context, step, weights).best(plan, given, bytes, comparison);
        outcome.notes().forEach(recorder::note);
        if (!enough) {
            recorder.note("compared on the calibration texts themselves, which are fewer than " + 2 * TEXTS_KEPT_APART);
        }
        return outcome.plan();
    }

    /** Gives experts that are chosen rarely tensors of their own. */
    void part(RareExperts rare) throws IOException {
        ImportanceMatrix counted =
                importances.isPresent() ? importances.get() : Importances.collect(model, context, step);
        importances = Optional.of(rare.part(model, counted));
    }

    /** Encodes every matrix of a plan. */
    void encode(QuantizationPlan plan) throws IOException {
        if (method.isSequential()) {
            SequentialQuantization sequential = new SequentialQuantization(model, method, plan, context.workers());
            Set<String> names = sequential.names();
            encodeEach(plan.only(name -> !names.contains(name)));
            reports.putAll(sequential.run(context, step));
        } else {
            if (method.isCalibrated() && importances.isEmpty()) {
                importances = Optional.of(Importances.collect(model, context, step));
            }
            encodeEach(plan);
        }
    }

    /** Encodes matrices without regard to each other. */
    private void encodeEach(QuantizationPlan plan) throws IOException {
        int done = 0;
        for (QuantizationPlan.Entry entry : plan.entries()) {
            TensorInfo tensor = entry.tensor();
            if (tensor.type() == entry.type()) {
                reports.put(tensor.name(), kept(tensor));
            } else {
                float[] weights = importances
                        .flatMap(known -> known.find(tensor.name()))
                        .map(known -> requireColumns(tensor, known))
                        .orElse(null);
                Encoded encoded = RowEncoder.encode(model, tensor, entry.type(), weights, context.workers());
                model.put(tensor.name(), encoded.type(), tensor.dimensions(), encoded.content());
                reports.put(tensor.name(), encoded.report(tensor, entry.note()));
            }
            context.done(step, ++done, plan.entries().size());
        }
    }

    private static float[] requireColumns(TensorInfo tensor, ImportanceMatrix.Entry known) {
        if (known.columns() != tensor.dimension(0)) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " has rows of " + tensor.dimension(0)
                    + ", its importances are for " + known.columns() + ": they belong to another model");
        }
        long matrices = tensor.dimensions().size() > 2 ? tensor.dimension(2) : 1;
        if (known.counts().length != matrices) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " has " + matrices
                    + " matrices, its importances are for " + known.counts().length + ": they belong to another model");
        }
        return known.importances();
    }

    private static TensorReport kept(TensorInfo tensor) {
        return new TensorReport(
                tensor.name(), tensor.type(), tensor.dimensions(), tensor.byteCount(), 0, "had the type already");
    }

    /** Writes the file's type and tells what was done. */
    void report(QuantizationPlan plan, OptionalInt fileType) {
        if (fileType.isPresent()) {
            FileType.put(model, fileType.getAsInt());
        } else {
            FileType.putMostFrequent(model);
        }
        noteFallbacks(plan);
        plan.entries().forEach(entry -> recorder.add(reports.get(entry.tensor().name())));
    }

    /** Those of the same kind in one sentence. */
    private void noteFallbacks(QuantizationPlan plan) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        plan.entries().stream()
                .map(QuantizationPlan.Entry::note)
                .filter(note -> !note.isEmpty())
                .forEach(note -> counts.merge(note, 1, Integer::sum));
        counts.forEach(
                (note, count) -> recorder.note(count + " of " + plan.entries().size() + " matrices are " + note));
    }
}
