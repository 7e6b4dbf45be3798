package dev.lathe.compress.quantize;

import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.Sensitivity;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Chooses each matrix's type so that all together stay within a number of bytes and predictions suffer least. What a matrix
 * suffers as one type is measured on calibration texts; as another type it is assumed to grow with the squared error of its
 * outputs, and over matrices to add up.
 */
final class Budget {
    static final List<TensorType> CANDIDATES = List.of(
            TensorType.Q2_K,
            TensorType.Q3_K,
            TensorType.IQ4_XS,
            TensorType.IQ4_NL,
            TensorType.Q4_K,
            TensorType.Q5_0,
            TensorType.Q5_K,
            TensorType.Q5_1,
            TensorType.Q6_K,
            TensorType.Q8_0,
            TensorType.F16);
    private static final int SAMPLED_ROWS = 128;
    private static final double MOST_PROBE_BITS = 5;

    /** A matrix and what it may become; one type is no choice. */
    private record Item(Weight weight, List<TensorType> types) {}

    private final TensorSource model;
    private final TransformContext context;
    private final String step;
    private final ImportanceMatrix importances;

    Budget(TensorSource model, TransformContext context, String step, ImportanceMatrix importances) {
        this.model = model;
        this.context = context;
        this.step = step;
        this.importances = importances;
    }

    /**
     * Chooses.
     *
     * @param bytes of all tensors together
     * @param given where rules of a choice apply, they are kept to
     * @throws IllegalArgumentException if the model cannot be so small; names the least
     */
    QuantizationPlan plan(long bytes, TypeChoice given) throws IOException {
        ModelTraits traits = ModelTraits.of(model, true);
        List<Weight> weights = QuantizationPlan.weights(model, traits.tied());
        given.requireThatRulesApply(weights);
        List<Item> items = weights.stream()
                .map(weight -> new Item(weight, types(weight, given, traits)))
                .toList();
        long others = QuantizationPlan.otherBytes(model);
        long elements = weights.stream()
                .mapToLong(weight -> weight.tensor().elementCount())
                .sum();
        List<List<BitAllocation.Option>> options = options(items, 8.0 * (bytes - others) / elements);
        long least = others + BitAllocation.least(options);
        if (least > bytes) {
            throw new IllegalArgumentException("the model cannot be quantized to " + bytes + " bytes, the least is "
                    + least + ": allow more, or remove layers and channels before");
        }
        int[] chosen = BitAllocation.choose(options, bytes - others);
        List<QuantizationPlan.Entry> entries = new ArrayList<>();
        for (int i = 0; i < chosen.length; i++) {
            Item item = items.get(i);
            entries.add(new QuantizationPlan.Entry(
                    item.weight().tensor(), item.types().get(chosen[i]), ""));
        }
        return new QuantizationPlan(entries, others);
    }

    /** What a matrix may become: what is given, or its own type and all candidates of fewer bits. */
    private static List<TensorType> types(Weight weight, TypeChoice given, ModelTraits traits) {
        TensorType now = weight.tensor().type();
        if (weight.isDelicate() || given.hasRuleFor(weight)) {
            return List.of(Fallback.of(given.choose(weight, traits), weight.columns()));
        }
        return Stream.concat(
                        CANDIDATES.stream()
                                .filter(type -> weight.columns() % type.blockSize() == 0)
                                .filter(type -> bits(type) < bits(now)),
                        Stream.of(now))
                .toList();
    }

    private List<List<BitAllocation.Option>> options(List<Item> items, double bitsEach) throws IOException {
        List<Weight> measured = new ArrayList<>();
        List<Sensitivity.Change> changes = new ArrayList<>();
        for (Item item : items) {
            if (item.types().size() > 1) {
                TensorInfo tensor = item.weight().tensor();
                TensorType probe = probe(item, bitsEach);
                changes.add(item.weight()
                        .change(RowEncoder.encode(model, tensor, probe, importances(tensor), context.workers())));
                measured.add(item.weight());
                context.done(step + ": probes", measured.size(), items.size());
            }
        }
        double[] losses = Sensitivity.measure(model, context, step, changes);
        List<List<BitAllocation.Option>> options = new ArrayList<>();
        for (Item item : items) {
            int place = measured.indexOf(item.weight());
            options.add(place < 0 ? only(item) : options(item, probe(item, bitsEach), losses[place]));
            context.done(step + ": errors", options.size(), items.size());
        }
        return options;
    }

    private static List<BitAllocation.Option> only(Item item) {
        long elements = item.weight().tensor().elementCount();
        return List.of(new BitAllocation.Option(item.types().getFirst().byteCount(elements), 0));
    }

    /** The type next to the bits that all may have on average: losses near the choice are measured best. */
    private static TensorType probe(Item item, double bitsEach) {
        return item.types().stream()
                .filter(type -> type != item.weight().tensor().type())
                .min(Comparator.comparingDouble(type -> Math.abs(bits(type) - Math.min(bitsEach, MOST_PROBE_BITS))))
                .orElseThrow();
    }

    private static double bits(TensorType type) {
        return 8.0 * type.blockBytes() / type.blockSize();
    }

    private float[] importances(TensorInfo tensor) {
        return importances
                .find(tensor.name())
                .map(ImportanceMatrix.Entry::importances)
                .orElse(null);
    }

    private List<BitAllocation.Option> options(Item item, TensorType probe, double loss) throws IOException {
        TensorInfo tensor = item.weight().tensor();
        double[] errors =
                SampledError.of(model, tensor, item.types(), importances(tensor), SAMPLED_ROWS, context.workers());
        double unit = errors[item.types().indexOf(probe)];
        List<BitAllocation.Option> options = new ArrayList<>();
        for (int i = 0; i < errors.length; i++) {
            double share = unit == 0 ? 0 : errors[i] / unit;
            options.add(new BitAllocation.Option(item.types().get(i).byteCount(tensor.elementCount()), loss * share));
        }
        return options;
    }
}
