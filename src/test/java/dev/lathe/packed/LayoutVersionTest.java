package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.pack.LinearLoader;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Packed files are read by other versions of Lathe, so the bytes of tiles belong to a version. */
class LayoutVersionTest {
    private static final int ROWS = 100;
    private static final int COLUMNS = 512;

    @Test
    void tilesHaveTheBytesOfTheirVersion() throws IOException {
        CRC32C checksum = new CRC32C();
        for (TensorType type : LinearLoader.supportedTypes()) {
            byte[] weights = new byte[(int) type.byteCount((long) ROWS * COLUMNS)];
            new Random(type.name().hashCode()).nextBytes(weights);
            for (int i = 0; i < weights.length; i++) {
                weights[i] &= 0x3b; // no scale is infinite
            }
            MemorySegment source = MemorySegment.ofArray(weights);
            try (WeightMemory memory = WeightMemory.open()) {
                Recording recording = new Recording(memory, checksum);
                LinearLoader.pack(
                        type.name(),
                        type,
                        ROWS,
                        COLUMNS,
                        (offset, count, arena) -> source.asSlice(offset, count),
                        recording,
                        Workers.single(),
                        KernelSet.best());
            }
        }
        assertEquals(
                "version 1: d59906b2",
                "version " + LinearLoader.LAYOUT_VERSION + ": " + Long.toHexString(checksum.getValue()),
                "packing makes other tiles: raise LinearLoader.LAYOUT_VERSION, and expect its new checksum here");
    }

    /** Adds up what is packed. */
    private record Recording(WeightMemory memory, CRC32C checksum) implements WeightStore {
        @Override
        public Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
            Tiles tiles = memory.tiles(name, byteCount, packing);
            checksum.update(tiles.memory().asByteBuffer());
            checksum.update(tiles.variant());
            return tiles;
        }

        @Override
        public void close() {
            memory.close();
        }
    }
}
