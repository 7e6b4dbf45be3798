package dev.lathe.compress.quantize;

import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.RemovedShare;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A type of their own for the experts of each layer that were chosen least often. A tensor in a file has one type, so those
 * experts get a tensor of their own, and the model leaves its architecture's shape: see {@link LatheFormat}.
 *
 * @param share of a layer's experts
 * @param type what they are encoded as
 */
record RareExperts(double share, TensorType type) {
    private static final Set<TensorRole> STACKS =
            EnumSet.of(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP, TensorRole.EXPERT_DOWN);

    RareExperts {
        RemovedShare.require(share);
    }

    /** The same of a model whose experts stand in two tensors a role. */
    TypeChoice in(TypeChoice choice) {
        return choice.with(toString(), type, weight -> weight.tensor().name().endsWith(".rare.weight"));
    }

    /**
     * Parts the experts of each layer by how often they were chosen.
     *
     * @param counted tells that for each tensor of experts
     * @return importances of the parted tensors, and of all others
     * @throws IllegalArgumentException if the model has no experts, or it is not known how often they were chosen
     */
    ImportanceMatrix part(ModelEdit model, ImportanceMatrix counted) {
        Map<String, ImportanceMatrix.Entry> entries = new TreeMap<>();
        counted.tensorNames()
                .forEach(name -> entries.put(name, counted.find(name).orElseThrow()));
        List<TensorInfo> stacks = model.tensors().stream()
                .filter(tensor -> STACKS.contains(TensorRole.of(tensor.name()))
                        && tensor.dimensions().size() == 3)
                .toList();
        if (stacks.isEmpty()) {
            throw new IllegalArgumentException(this + ": the model has no experts in one tensor a role");
        }
        for (TensorInfo tensor : stacks) {
            part(model, tensor.name(), counts(tensor, counted), entries);
        }
        model.setMetadata(LatheFormat.leaveShape(model.metadata()));
        return new ImportanceMatrix(counted.datasets(), counted.chunkCount(), counted.chunkSize(), entries);
    }

    /** By the rows that up read, so that all tensors of a layer are parted alike. */
    private float[] counts(TensorInfo tensor, ImportanceMatrix counted) {
        String up = TensorRole.EXPERT_UP.weight(TensorName.of(tensor.name()).layer());
        return counted.find(up)
                .map(ImportanceMatrix.Entry::counts)
                .filter(counts -> counts.length == tensor.dimension(2))
                .orElseThrow(() -> new IllegalArgumentException(this + ": how often each of the " + tensor.dimension(2)
                        + " experts was chosen is not known of " + up + "; give calibration texts, or an importance"
                        + " matrix that was counted on this model"));
    }

    private void part(ModelEdit model, String name, float[] counts, Map<String, ImportanceMatrix.Entry> entries) {
        int rareCount = (int) Math.round(share * counts.length);
        if (rareCount == 0 || rareCount == counts.length) {
            return;
        }
        byte[] isRare = new byte[counts.length];
        IntStream.range(0, counts.length)
                .boxed()
                .sorted(Comparator.comparing((Integer expert) -> counts[expert]))
                .limit(rareCount)
                .forEach(expert -> isRare[expert] = 1);
        ImportanceMatrix.Entry all = entries.remove(name);
        for (int rare = 0; rare <= 1; rare++) {
            int wanted = rare;
            int[] experts = IntStream.range(0, counts.length)
                    .filter(expert -> isRare[expert] == wanted)
                    .toArray();
            String part = rare == 1 ? LatheFormat.rareExperts(name) : LatheFormat.frequentExperts(name);
            model.putParts(part, name, experts);
            if (all != null) {
                entries.put(part, some(all, experts));
            }
        }
        model.put(
                LatheFormat.rareExpertMask(name),
                TensorType.I8,
                List.of((long) counts.length),
                MemorySegment.ofArray(isRare));
        model.remove(name);
    }

    private static ImportanceMatrix.Entry some(ImportanceMatrix.Entry all, int... experts) {
        int columns = all.columns();
        float[] sums = new float[experts.length * columns];
        float[] counts = new float[experts.length];
        for (int i = 0; i < experts.length; i++) {
            System.arraycopy(all.sums(), experts[i] * columns, sums, i * columns, columns);
            counts[i] = all.counts()[experts[i]];
        }
        return new ImportanceMatrix.Entry(sums, counts);
    }

    /** Such as {@code rarest 50% of experts Q2_K}. */
    @Override
    public String toString() {
        return "rarest " + RemovedShare.percent(share) + "% of experts";
    }
}
