package dev.lathe.tensor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.RandomWeights;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel set packs the same bytes as plain Java. */
@OnEveryKernelSet
class PackingKernelsTest {
    static Stream<TensorType> types() {
        return LinearLoader.supportedTypes().stream();
    }

    /** Keeps the tiles of the one matrix that is packed. */
    private static final class Kept implements WeightStore {
        private final WeightMemory memory = WeightMemory.open();
        private Tiles tiles;

        @Override
        public Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
            tiles = memory.tiles(name, byteCount, packing);
            return tiles;
        }

        @Override
        public WeightMemory memory() {
            return memory;
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    private static WeightStore.Tiles pack(
            Kept kept, TensorType type, int rows, int columns, MemorySegment bytes, KernelSet kernels)
            throws IOException {
        LinearLoader.pack(
                "w",
                type,
                rows,
                columns,
                (at, count, arena) -> bytes.asSlice(at, count),
                kept,
                Workers.single(),
                kernels);
        return kept.tiles;
    }

    @ParameterizedTest
    @MethodSource("types")
    void tilesHaveTheBytesOfPlainJava(TensorType type) throws IOException {
        Random random = new Random(3);
        for (int rows : new int[] {1, 64, 130, 256}) {
            for (int columns : new int[] {type.blockSize(), 768, 2048}) {
                if (columns % type.blockSize() != 0) {
                    continue;
                }
                MemorySegment bytes = RandomWeights.of(type, rows, columns, random);
                try (Kept ours = new Kept();
                        Kept java = new Kept()) {
                    WeightStore.Tiles actual = pack(ours, type, rows, columns, bytes, KernelChoice.best());
                    WeightStore.Tiles expected = pack(java, type, rows, columns, bytes, KernelChoice.scalar());
                    assertEquals(expected.variant(), actual.variant());
                    assertEquals(-1, expected.memory().mismatch(actual.memory()), type + " " + rows + "x" + columns);
                }
            }
        }
    }
}
