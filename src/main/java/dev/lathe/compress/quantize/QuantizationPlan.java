package dev.lathe.compress.quantize;

import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which type each matrix of a model will get. Immutable.
 *
 * @param entries one for each matrix, in the model's order
 * @param otherBytes bytes of the tensors that stay as they are: norms and other vectors
 */
public record QuantizationPlan(List<Entry> entries, long otherBytes) {
    /**
     * A matrix.
     *
     * @param tensor as it is
     * @param type what it will be
     * @param note why, where it is not the type that was wanted; else empty
     */
    public record Entry(TensorInfo tensor, TensorType type, String note) {
        /** Bytes it will take. */
        public long byteCount() {
            return type.byteCount(tensor.elementCount());
        }
    }

    /** Copies the list. */
    public QuantizationPlan {
        entries = List.copyOf(entries);
    }

    /** Bytes of all tensors. */
    public long byteCount() {
        return otherBytes + entries.stream().mapToLong(Entry::byteCount).sum();
    }

    /** The plan for the matrices with some names. */
    QuantizationPlan only(Predicate<String> names) {
        return new QuantizationPlan(
                entries.stream()
                        .filter(entry -> names.test(entry.tensor().name()))
                        .toList(),
                otherBytes);
    }

    static QuantizationPlan of(TypeChoice choice, TensorSource model, boolean weighted) {
        ModelTraits traits = ModelTraits.of(model, weighted);
        List<Entry> entries = new ArrayList<>();
        List<Weight> weights = weights(model, traits.tied());
        choice.requireThatRulesApply(weights);
        for (Weight weight : weights) {
            TensorType wanted = choice.choose(weight, traits);
            TensorType type = Fallback.of(wanted, weight.columns());
            String note = type == wanted
                    ? ""
                    : type + " instead of " + wanted + ": rows of " + weight.columns() + " are no whole blocks of "
                            + wanted.blockSize();
            entries.add(new Entry(weight.tensor(), type, note));
        }
        return new QuantizationPlan(entries, otherBytes(model));
    }

    static List<Weight> weights(TensorSource model, boolean tied) {
        return model.tensors().stream()
                .filter(Weight::isOne)
                .map(tensor -> Weight.of(tensor, tied))
                .toList();
    }

    static long otherBytes(TensorSource model) {
        return model.tensors().stream()
                .filter(tensor -> !Weight.isOne(tensor))
                .mapToLong(TensorInfo::byteCount)
                .sum();
    }
}
