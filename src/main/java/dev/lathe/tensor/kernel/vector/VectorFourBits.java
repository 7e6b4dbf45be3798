package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.lathe.tensor.kernel.LaneForm;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row times 4-bit weights: 32 products of -8..7 and -127..127 fit in a 16-bit lane. The lanes add 0..15 times the
 * activation modulo 2^16, starting at -8 times the sum of the activations, so they end at the signed sum.
 *
 * <p>No nibble is cut out of its word: a word shifted by 4k is nibble k plus 16 times the word shifted by 4(k + 1). So the sum of
 * nibbles times activations is that of shifted words times {@link LaneForm#DIFFERENCES}.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorFourBits {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorFourBits() {}

    /**
     * Adds to {@code out} the products of two vectors of rows with one row of activations, block after block: 4-bit weights
     * with any scales of 32 columns.
     *
     * @param layout of the tile
     * @param weights the tiles
     * @param first index of the first vector of rows: in the first word of the tile or of a super-block
     * @param second the same of the second vector
     * @param from first block of 32 columns, counted from there
     * @param to end of the blocks
     * @param x the activations
     * @param block where the row has the tile's or super-block's first block in {@code x}
     * @param out results: for each vector, those of the low halves of its ints and, 16 floats on, of the high ones
     * @param o index of the first vector's results
     * @param p index of the second vector's results
     */
    static void multiply(
            TileLayout layout,
            MemorySegment weights,
            long first,
            long second,
            int from,
            int to,
            QuantizedActivations x,
            int block,
            float[] out,
            int o,
            int p) {
        boolean superScaled = layout.superInts() > 0;
        boolean minimum = layout.scales().hasMinimum();
        int scaleInts = layout.scales().blockWords() * 32;
        int center = layout.signed() ? 0 : 8; // given back to unsigned values
        short[] a = x.lanes.differences;
        int four = layout.integers().words() / 2; // a shift that the compiler knew would be loaded for each use
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int b = from; b < to; b++) {
            int at = layout.superInts() + b * (scaleInts + 256);
            int sum = x.sums[2 * (block + b)] + x.sums[2 * (block + b) + 1];
            ShortVector c = ShortVector.broadcast(SHORTS, (short) (-8 * sum));
            ShortVector d = c;
            for (int word = 0; word < 8; word++) {
                int i = (block + b) * 32 + word * 4;
                ShortVector v = IntVector.fromMemorySegment(
                                INTS, weights, first + 4L * (at + scaleInts + word * 32), ORDER)
                        .reinterpretAsShorts();
                ShortVector w = IntVector.fromMemorySegment(
                                INTS, weights, second + 4L * (at + scaleInts + word * 32), ORDER)
                        .reinterpretAsShorts();
                ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                c = c.add(v.mul(m));
                d = d.add(w.mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 1]);
                c = c.add(v.lanewise(LSHR, 1 * four).mul(m));
                d = d.add(w.lanewise(LSHR, 1 * four).mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 2]);
                c = c.add(v.lanewise(LSHR, 2 * four).mul(m));
                d = d.add(w.lanewise(LSHR, 2 * four).mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 3]);
                c = c.add(v.lanewise(LSHR, 3 * four).mul(m));
                d = d.add(w.lanewise(LSHR, 3 * four).mul(m));
            }
            IntVector v = c.reinterpretAsInts();
            IntVector w = d.reinterpretAsInts();
            float scale = x.scales[block + b];
            IntVector s = IntVector.fromMemorySegment(INTS, weights, first + 4L * at, ORDER);
            IntVector t = IntVector.fromMemorySegment(INTS, weights, second + 4L * at, ORDER);
            FloatVector sLow;
            FloatVector sHigh;
            FloatVector tLow;
            FloatVector tHigh;
            if (superScaled) {
                IntVector e = IntVector.fromMemorySegment(INTS, weights, first, ORDER);
                IntVector f = IntVector.fromMemorySegment(INTS, weights, second, ORDER);
                sLow = ((FloatVector) s.and(0xff).convert(I2F, 0))
                        .mul(e.lanewise(LSHL, 16)
                                .lanewise(ASHR, 3)
                                .and(0x8fffe000)
                                .reinterpretAsFloats()
                                .mul(0x1p112f));
                sHigh = ((FloatVector) s.lanewise(LSHR, 16).and(0xff).convert(I2F, 0))
                        .mul(e.lanewise(ASHR, 3)
                                .and(0x8fffe000)
                                .reinterpretAsFloats()
                                .mul(0x1p112f));
                tLow = ((FloatVector) t.and(0xff).convert(I2F, 0))
                        .mul(f.lanewise(LSHL, 16)
                                .lanewise(ASHR, 3)
                                .and(0x8fffe000)
                                .reinterpretAsFloats()
                                .mul(0x1p112f));
                tHigh = ((FloatVector) t.lanewise(LSHR, 16).and(0xff).convert(I2F, 0))
                        .mul(f.lanewise(ASHR, 3)
                                .and(0x8fffe000)
                                .reinterpretAsFloats()
                                .mul(0x1p112f));
            } else {
                sLow = s.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f);
                sHigh = s.lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f);
                tLow = t.lanewise(LSHL, 16)
                        .lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f);
                tHigh = t.lanewise(ASHR, 3)
                        .and(0x8fffe000)
                        .reinterpretAsFloats()
                        .mul(0x1p112f);
            }
            firstLow = ((FloatVector) v.lanewise(LSHL, 16)
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(sLow.mul(scale), firstLow);
            firstHigh = ((FloatVector) v.lanewise(ASHR, 16).add(center * sum).convert(I2F, 0))
                    .fma(sHigh.mul(scale), firstHigh);
            secondLow = ((FloatVector) w.lanewise(LSHL, 16)
                            .lanewise(ASHR, 16)
                            .add(center * sum)
                            .convert(I2F, 0))
                    .fma(tLow.mul(scale), secondLow);
            secondHigh = ((FloatVector) w.lanewise(ASHR, 16).add(center * sum).convert(I2F, 0))
                    .fma(tHigh.mul(scale), secondHigh);
            if (minimum) {
                if (superScaled) {
                    IntVector e = IntVector.fromMemorySegment(INTS, weights, first + 4L * 32, ORDER);
                    IntVector f = IntVector.fromMemorySegment(INTS, weights, second + 4L * 32, ORDER);
                    sLow = ((FloatVector) s.lanewise(LSHR, 8).and(0xff).convert(I2F, 0))
                            .mul(e.lanewise(LSHL, 16)
                                    .lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(-0x1p112f));
                    sHigh = ((FloatVector) s.lanewise(LSHR, 24).convert(I2F, 0))
                            .mul(e.lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(-0x1p112f));
                    tLow = ((FloatVector) t.lanewise(LSHR, 8).and(0xff).convert(I2F, 0))
                            .mul(f.lanewise(LSHL, 16)
                                    .lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(-0x1p112f));
                    tHigh = ((FloatVector) t.lanewise(LSHR, 24).convert(I2F, 0))
                            .mul(f.lanewise(ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(-0x1p112f));
                } else {
                    s = IntVector.fromMemorySegment(INTS, weights, first + 4L * (at + 32), ORDER);
                    t = IntVector.fromMemorySegment(INTS, weights, second + 4L * (at + 32), ORDER);
                    sLow = s.lanewise(LSHL, 16)
                            .lanewise(ASHR, 3)
                            .and(0x8fffe000)
                            .reinterpretAsFloats()
                            .mul(0x1p112f);
                    sHigh = s.lanewise(ASHR, 3)
                            .and(0x8fffe000)
                            .reinterpretAsFloats()
                            .mul(0x1p112f);
                    tLow = t.lanewise(LSHL, 16)
                            .lanewise(ASHR, 3)
                            .and(0x8fffe000)
                            .reinterpretAsFloats()
                            .mul(0x1p112f);
                    tHigh = t.lanewise(ASHR, 3)
                            .and(0x8fffe000)
                            .reinterpretAsFloats()
                            .mul(0x1p112f);
                }
                FloatVector activations = FloatVector.broadcast(FLOATS, sum * scale);
                firstLow = sLow.fma(activations, firstLow);
                firstHigh = sHigh.fma(activations, firstHigh);
                secondLow = tLow.fma(activations, secondLow);
                secondHigh = tHigh.fma(activations, secondHigh);
            }
        }
        firstLow.intoArray(out, o);
        firstHigh.intoArray(out, o + 16);
        secondLow.intoArray(out, p);
        secondHigh.intoArray(out, p + 16);
    }
}
