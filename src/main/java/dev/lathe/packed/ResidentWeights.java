package dev.lathe.packed;

import dev.lathe.packed.PackedTable.Group;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All tiles of a packed file, read into memory at once by all threads. */
final class ResidentWeights extends PackedWeights {
    private ResidentWeights(PackedFile file) {
        super(file);
    }

    /**
     * Reads a file.
     *
     * @throws PackedFileException if it is damaged
     * @throws IOException if it cannot be read
     */
    static ResidentWeights read(PackedFile file, Workers workers) throws IOException {
        ResidentWeights weights = new ResidentWeights(file);
        try {
            WeightMemory.require(
                    weights.table.groups().stream().mapToLong(Group::byteCount).sum());
            weights.readGroups(file, workers);
            return weights;
        } catch (UncheckedIOException e) {
            weights.close();
            throw e.getCause();
        } catch (RuntimeException | Error failure) {
            weights.close();
            throw failure;
        }
    }

    /** The largest layers first, so that no thread is left with one; each clears the memory that it reads into. */
    private void readGroups(PackedFile file, Workers workers) {
        List<List<Integer>> layers = layers();
        layers.sort(Comparator.comparingLong((List<Integer> layer) -> -byteCount(layer)));
        workers.run(layers.size(), part -> {
            List<Integer> layer = layers.get(part);
            MemorySegment together = memory.allocate(byteCount(layer));
            long start = table.groups().get(layer.getFirst()).offset();
            try {
                for (int number : layer) {
                    Group group = table.groups().get(number);
                    groups[number] = together.asSlice(group.offset() - start, group.byteCount());
                    file.read(group, groups[number]);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Neighbouring groups of one layer share an allocation. */
    private List<List<Integer>> layers() {
        List<List<Integer>> layers = new ArrayList<>();
        for (int number = 0; number < groups.length; number++) {
            if (number == 0
                    || table.groups().get(number).layer()
                            != table.groups().get(number - 1).layer()) {
                layers.add(new ArrayList<>());
            }
            layers.getLast().add(number);
        }
        return layers;
    }

    private long byteCount(List<Integer> layer) {
        Group first = table.groups().get(layer.getFirst());
        Group last = table.groups().get(layer.getLast());
        return last.offset() + last.byteCount() - first.offset();
    }
}
