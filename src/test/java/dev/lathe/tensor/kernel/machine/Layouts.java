package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;

/** The layouts of weights that formats have, and random tiles of them. */
final class Layouts {
    static final List<TileLayout> ALL = List.of(
            new TileLayout(IntegerPlane.FOUR, true, ScalePlane.SCALE),
            new TileLayout(IntegerPlane.FOUR, false, ScalePlane.SCALE_AND_MINIMUM),
            new TileLayout(IntegerPlane.FOUR, false, ScalePlane.SUPER_SCALE_AND_MINIMUM),
            new TileLayout(IntegerPlane.FIVE, true, ScalePlane.SCALE),
            new TileLayout(IntegerPlane.FIVE, false, ScalePlane.SCALE_AND_MINIMUM),
            new TileLayout(IntegerPlane.FIVE, false, ScalePlane.SUPER_SCALE_AND_MINIMUM),
            new TileLayout(IntegerPlane.SIX, true, ScalePlane.SUPER_SCALE_OF_16),
            new TileLayout(IntegerPlane.EIGHT, true, ScalePlane.SCALE),
            new TileLayout(IntegerPlane.NONLINEAR_FOUR, true, ScalePlane.SCALE),
            new TileLayout(IntegerPlane.NONLINEAR_FOUR, true, ScalePlane.SUPER_SCALE),
            new TileLayout(IntegerPlane.FLOAT_FOUR, true, ScalePlane.BRAIN_SCALE),
            new TileLayout(IntegerPlane.TWO, false, ScalePlane.SUPER_SCALE_AND_MINIMUM_OF_16),
            new TileLayout(IntegerPlane.THREE, true, ScalePlane.SUPER_SCALE_OF_16),
            new TileLayout(IntegerPlane.TERNARY, true, ScalePlane.SCALE_OF_256));

    private Layouts() {}

    /** Fills tiles: any integers, and scales that are numbers, subnormal ones and zeros among them. */
    static void fill(TileLayout layout, MemorySegment tiles, int tileCount, int blocks, Random random) {
        for (long at = 0; at < tiles.byteSize(); at += 4) {
            tiles.set(ValueLayout.JAVA_INT_UNALIGNED, at, random.nextInt());
        }
        for (int tile = 0; tile < tileCount; tile++) {
            long start = tile * layout.tileBytes(blocks);
            for (int block = 0; block < blocks; block++) {
                if (block % ScalePlane.SUPER_BLOCKS == 0) {
                    floats(
                            layout,
                            tiles,
                            start + layout.superScalesOffset(block),
                            layout.scales().superWords(),
                            random);
                }
                if (layout.scales().superWords() == 0) {
                    floats(
                            layout,
                            tiles,
                            start + layout.scalesOffset(block),
                            layout.scales().blockWords(),
                            random);
                }
            }
        }
    }

    private static void floats(TileLayout layout, MemorySegment tiles, long at, int words, Random random) {
        for (long i = at; i < at + (long) words * IntegerPlane.WORD_BYTES; i += 2) {
            float scale = (random.nextFloat() - 0.4f)
                    * switch (random.nextInt(8)) {
                        case 0 -> 0f;
                        case 1 -> 60_000f;
                        case 2 -> 1e-6f;
                        default -> 0.01f;
                    };
            boolean brain = layout.scales() == ScalePlane.BRAIN_SCALE;
            int bits = brain ? Float.floatToRawIntBits(scale) >>> 16 : Float.floatToFloat16(scale);
            tiles.set(ValueLayout.JAVA_SHORT_UNALIGNED, i, (short) bits);
        }
    }
}
