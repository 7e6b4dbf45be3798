package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link VectorFourBits} for vectors that are less than half a word: four neighbouring ones share each broadcast activation, so
 * that memory is read in order and 256 bits cover a word. One method holds everything, as there; with super-scales it would be so
 * long that the first compiler gives it up, and the second never sees it.
 */
final class VectorFourBitWords {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = INTS.length();

    private VectorFourBitWords() {}

    /**
     * Adds to {@code out} the products of four vectors of rows with one row of activations: scales of F16, with minima or without.
     *
     * @param layout of the tile
     * @param weights the tiles
     * @param tile index of the tile
     * @param j the first vector's int in a word
     * @param from first block of 32 columns
     * @param to end of the blocks
     * @param x the activations
     * @param block where the row has the tile's first block in {@code x}
     * @param out results, 64 rows
     */
    static void multiply(
            TileLayout layout,
            MemorySegment weights,
            long tile,
            int j,
            int from,
            int to,
            QuantizedActivations x,
            int block,
            float[] out) {
        boolean minimum = layout.scales().hasMinimum();
        int scaleInts = layout.scales().blockWords() * 32;
        int center = layout.signed() ? 0 : 8; // given back to unsigned values
        short[] a = x.lanes.differences;
        int four = layout.integers().words() / 2; // a shift that the compiler knew would be loaded for each use
        int o0 = IntegerPlane.row(j);
        int o1 = IntegerPlane.row(j + LANES);
        int o2 = IntegerPlane.row(j + 2 * LANES);
        int o3 = IntegerPlane.row(j + 3 * LANES);
        FloatVector low0 = FloatVector.fromArray(FLOATS, out, o0);
        FloatVector high0 = FloatVector.fromArray(FLOATS, out, o0 + 16);
        FloatVector low1 = FloatVector.fromArray(FLOATS, out, o1);
        FloatVector high1 = FloatVector.fromArray(FLOATS, out, o1 + 16);
        FloatVector low2 = FloatVector.fromArray(FLOATS, out, o2);
        FloatVector high2 = FloatVector.fromArray(FLOATS, out, o2 + 16);
        FloatVector low3 = FloatVector.fromArray(FLOATS, out, o3);
        FloatVector high3 = FloatVector.fromArray(FLOATS, out, o3 + 16);
        for (int b = from; b < to; b++) {
            int at = j + b * (scaleInts + 256);
            int sum = x.sums[2 * (block + b)] + x.sums[2 * (block + b) + 1];
            ShortVector c0 = ShortVector.broadcast(SHORTS, (short) (-8 * sum));
            ShortVector c1 = c0;
            ShortVector c2 = c0;
            ShortVector c3 = c0;
            for (int word = 0; word < 8; word++) {
                int i = (block + b) * 32 + word * 4;
                int k = at + scaleInts + word * 32;
                ShortVector v0 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * k, ORDER)
                        .reinterpretAsShorts();
                ShortVector v1 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (k + LANES), ORDER)
                        .reinterpretAsShorts();
                ShortVector v2 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (k + 2 * LANES), ORDER)
                        .reinterpretAsShorts();
                ShortVector v3 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (k + 3 * LANES), ORDER)
                        .reinterpretAsShorts();
                ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                c0 = c0.add(v0.mul(m));
                c1 = c1.add(v1.mul(m));
                c2 = c2.add(v2.mul(m));
                c3 = c3.add(v3.mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 1]);
                c0 = c0.add(v0.lanewise(LSHR, four).mul(m));
                c1 = c1.add(v1.lanewise(LSHR, four).mul(m));
                c2 = c2.add(v2.lanewise(LSHR, four).mul(m));
                c3 = c3.add(v3.lanewise(LSHR, four).mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 2]);
                c0 = c0.add(v0.lanewise(LSHR, 2 * four).mul(m));
                c1 = c1.add(v1.lanewise(LSHR, 2 * four).mul(m));
                c2 = c2.add(v2.lanewise(LSHR, 2 * four).mul(m));
                c3 = c3.add(v3.lanewise(LSHR, 2 * four).mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 3]);
                c0 = c0.add(v0.lanewise(LSHR, 3 * four).mul(m));
                c1 = c1.add(v1.lanewise(LSHR, 3 * four).mul(m));
                c2 = c2.add(v2.lanewise(LSHR, 3 * four).mul(m));
                c3 = c3.add(v3.lanewise(LSHR, 3 * four).mul(m));
            }
            float scale = x.scales[block + b];
            FloatVector activations = FloatVector.broadcast(FLOATS, sum * scale);
            IntVector s0 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * at, ORDER);
            low0 = ((FloatVector) c0.reinterpretAsInts()
                            .lanewise(LSHL, 16)
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(
                            s0.lanewise(LSHL, 16)
                                    .lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            low0);
            high0 = ((FloatVector) c0.reinterpretAsInts()
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(
                            s0.lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            high0);
            IntVector s1 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (at + LANES), ORDER);
            low1 = ((FloatVector) c1.reinterpretAsInts()
                            .lanewise(LSHL, 16)
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(
                            s1.lanewise(LSHL, 16)
                                    .lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            low1);
            high1 = ((FloatVector) c1.reinterpretAsInts()
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(
                            s1.lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            high1);
            IntVector s2 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (at + 2 * LANES), ORDER);
            low2 = ((FloatVector) c2.reinterpretAsInts()
                            .lanewise(LSHL, 16)
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(
                            s2.lanewise(LSHL, 16)
                                    .lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            low2);
            high2 = ((FloatVector) c2.reinterpretAsInts()
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(
                            s2.lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            high2);
            IntVector s3 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (at + 3 * LANES), ORDER);
            low3 = ((FloatVector) c3.reinterpretAsInts()
                            .lanewise(LSHL, 16)
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(
                            s3.lanewise(LSHL, 16)
                                    .lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            low3);
            high3 = ((FloatVector) c3.reinterpretAsInts()
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(
                            s3.lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            high3);
            if (minimum) {
                s0 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (at + 32), ORDER);
                low0 = s0.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .fma(activations, low0);
                high0 = s0.lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .fma(activations, high0);
                s1 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (at + 32 + LANES), ORDER);
                low1 = s1.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .fma(activations, low1);
                high1 = s1.lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .fma(activations, high1);
                s2 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (at + 32 + 2 * LANES), ORDER);
                low2 = s2.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .fma(activations, low2);
                high2 = s2.lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .fma(activations, high2);
                s3 = IntVector.fromMemorySegment(INTS, weights, tile + 4L * (at + 32 + 3 * LANES), ORDER);
                low3 = s3.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .fma(activations, low3);
                high3 = s3.lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f)
                        .fma(activations, high3);
            }
        }
        low0.intoArray(out, o0);
        high0.intoArray(out, o0 + 16);
        low1.intoArray(out, o1);
        high1.intoArray(out, o1 + 16);
        low2.intoArray(out, o2);
        high2.intoArray(out, o2 + 16);
        low3.intoArray(out, o3);
        high3.intoArray(out, o3 + 16);
    }
}
