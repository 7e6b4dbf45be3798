package dev.lathe.tensor.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.store.WeightMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A combination of planes is refused, or every kernel set computes the same with it: none is legal and wrong. */
@OnEveryKernelSet
class TileLayoutTest {
    private static final int COLUMNS = 512;

    private static Optional<TileLayout> layout(IntegerPlane integers, boolean signed, ScalePlane scales) {
        try {
            return Optional.of(new TileLayout(integers, signed, scales));
        } catch (IllegalArgumentException refused) {
            assertTrue(refused.getMessage().startsWith("no kernel computes with"), refused.getMessage());
            return Optional.empty();
        }
    }

    private static List<TileLayout> layouts() {
        List<TileLayout> layouts = new ArrayList<>();
        for (IntegerPlane integers : IntegerPlane.values()) {
            for (ScalePlane scales : ScalePlane.values()) {
                for (boolean signed : new boolean[] {true, false}) {
                    layout(integers, signed, scales).ifPresent(layouts::add);
                }
            }
        }
        return layouts;
    }

    @Test
    void whatIsNotRefusedHasTheSameBitsFromEveryKernelSet() {
        List<TileLayout> layouts = layouts();
        assertTrue(layouts.size() > 12 && layouts.size() < 2 * 9 * 8, () -> "layouts " + layouts.size());
        Random random = new Random(1);
        for (TileLayout layout : layouts) {
            MemorySegment tiles = WeightMemory.collected().allocate(layout.tileBytes(COLUMNS / IntegerPlane.BLOCK));
            for (long i = 0; i < tiles.byteSize(); i++) {
                tiles.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
            }
            finiteScales(layout, tiles);
            for (int rows : new int[] {1, 9, 11, 13}) {
                QuantizedActivations x = new QuantizedActivations(16, COLUMNS);
                float[] source = new float[COLUMNS];
                QuantizedProduct scalar = new QuantizedProduct(layout, tiles, 64, COLUMNS, KernelChoice.scalar());
                QuantizedProduct best = new QuantizedProduct(layout, tiles, 64, COLUMNS, KernelChoice.best());
                for (int row = 0; row < rows; row++) {
                    for (int i = 0; i < COLUMNS; i++) {
                        source[i] = (float) random.nextGaussian();
                    }
                    scalar.quantize(source, 0, x, row, 1);
                }
                float[] expected = new float[64 * rows];
                scalar.multiply(0, 1, x, rows, expected, 64);
                x.derive(best, rows);
                float[] actual = new float[64 * rows];
                best.multiply(0, 1, x, rows, actual, 64);
                for (int i = 0; i < expected.length; i++) {
                    assertEquals(expected[i], actual[i], layout + ", output " + i + " of " + rows + " rows");
                }
            }
        }
    }

    /** No file has other scales: packing refuses them. */
    private static void finiteScales(TileLayout layout, MemorySegment tiles) {
        boolean blocks = layout.scales().superWords() == 0 && layout.scales() != ScalePlane.BRAIN_SCALE;
        for (int block = 0; block < COLUMNS / IntegerPlane.BLOCK; block++) {
            int words = blocks ? layout.scales().blockWords() : layout.scales().superWords();
            long at = blocks ? layout.scalesOffset(block) : layout.superScalesOffset(block);
            for (int i = 0; i < words * IntegerPlane.WORD_BYTES; i += 2) {
                short bits = tiles.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + i);
                tiles.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + i, (short) (bits & ~0x4000));
            }
        }
    }

    @Test
    void sizesBeyondAnIntAreTold() {
        for (TileLayout layout : layouts()) {
            int blocks = 1 << 26; // of 32 columns
            long floor = (long) blocks * layout.integers().words() * IntegerPlane.WORD_BYTES;
            assertTrue(layout.tileBytes(blocks) > floor, layout.toString());
            assertTrue(layout.integersOffset(blocks - 1) > floor / 2, layout.toString());
        }
    }

    @Test
    void aLaneHoldsTheCodesThatAreReadFromIt() {
        Random random = new Random(2);
        for (IntegerPlane plane : IntegerPlane.values()) {
            MemorySegment tile = WeightMemory.collected().allocate((long) plane.words() * IntegerPlane.WORD_BYTES);
            byte[][] codes = new byte[IntegerPlane.ROWS][IntegerPlane.BLOCK];
            for (int row = 0; row < IntegerPlane.ROWS; row++) {
                for (int column = 0; column < IntegerPlane.BLOCK; column++) {
                    codes[row][column] = (byte) random.nextInt(1 << plane.bits());
                }
                int[] lanes = new int[plane.words()];
                plane.lanes(codes[row], 0, lanes);
                for (int word = 0; word < lanes.length; word++) {
                    IntegerPlane.setHalf(tile, 0, word, row, lanes[word]);
                }
            }
            for (int row = 0; row < IntegerPlane.ROWS; row++) {
                for (int column = 0; column < IntegerPlane.BLOCK; column++) {
                    assertEquals(plane.integer(codes[row][column] & 255), plane.get(tile, 0, column, row));
                }
            }
        }
    }
}
