package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * 4-bit weights with scales and minima of 6 bits in super-blocks of 256 (Q4_K).
 *
 * <p>The same numbers in the same order as block sums followed by scaling, without the way through memory. One method holds
 * everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorFourBitsSuperScaled {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorFourBitsSuperScaled() {}

    /**
     * Adds to {@code out} the products of two vectors of rows with one row of activations, block after block.
     *
     * @param weights the tiles
     * @param first index of the first vector of rows in the first word
     * @param second the same of the second vector
     * @param blocks number of blocks of 32 columns
     * @param x the activations
     * @param block first block of the row in {@code x}
     * @param out result: rows j and j + 16
     * @param o index of the first vector's result
     * @param p index of the second vector's result
     */
    static void multiply(
            int[] weights, int first, int second, int blocks, QuantizedRows x, int block, float[] out, int o, int p) {
        short[] a = x.values;
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int superBlock = 0; superBlock < blocks / 8; superBlock++) {
            IntVector sd = IntVector.fromArray(INTS, weights, first + superBlock * 2368);
            IntVector sm = IntVector.fromArray(INTS, weights, first + superBlock * 2368 + 32);
            IntVector td = IntVector.fromArray(INTS, weights, second + superBlock * 2368);
            IntVector tm = IntVector.fromArray(INTS, weights, second + superBlock * 2368 + 32);
            FloatVector sScaleLow = sd.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f);
            FloatVector sMinimumLow = sm.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .neg();
            FloatVector sScaleHigh = sd.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f);
            FloatVector sMinimumHigh = sm.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .neg();
            FloatVector tScaleLow = td.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f);
            FloatVector tMinimumLow = tm.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .neg();
            FloatVector tScaleHigh = td.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f);
            FloatVector tMinimumHigh = tm.lanewise(VectorOperators.ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f)
                    .neg();
            for (int b = superBlock * 8; b < superBlock * 8 + 8; b++) {
                int base = (superBlock + 1) * 64 + b * 288;
                int sum = x.sums[2 * (block + b)] + x.sums[2 * (block + b) + 1];
                ShortVector c = ShortVector.broadcast(SHORTS, (short) (-8 * sum)); // modulo 2^16
                ShortVector d = c;
                for (int word = 0; word < 8; word++) {
                    int at = base + 32 + word * 32;
                    int i = (block + b) * 32 + word * 4;
                    IntVector v = IntVector.fromArray(INTS, weights, first + at);
                    IntVector w = IntVector.fromArray(INTS, weights, second + at);
                    ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                    c = c.add(v.and(0x000f000f).reinterpretAsShorts().mul(m));
                    d = d.add(w.and(0x000f000f).reinterpretAsShorts().mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 1]);
                    c = c.add(v.lanewise(VectorOperators.LSHR, 4)
                            .and(0x000f000f)
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.lanewise(VectorOperators.LSHR, 4)
                            .and(0x000f000f)
                            .reinterpretAsShorts()
                            .mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 2]);
                    c = c.add(v.lanewise(VectorOperators.LSHR, 8)
                            .and(0x000f000f)
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.lanewise(VectorOperators.LSHR, 8)
                            .and(0x000f000f)
                            .reinterpretAsShorts()
                            .mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 3]);
                    c = c.add(v.lanewise(VectorOperators.LSHR, 12)
                            .and(0x000f000f)
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.lanewise(VectorOperators.LSHR, 12)
                            .and(0x000f000f)
                            .reinterpretAsShorts()
                            .mul(m));
                }
                IntVector v = c.reinterpretAsInts();
                IntVector w = d.reinterpretAsInts();
                float scale = x.scales[block + b];
                FloatVector activations = FloatVector.broadcast(FLOATS, sum);
                IntVector s = IntVector.fromArray(INTS, weights, first + base);
                IntVector t = IntVector.fromArray(INTS, weights, second + base);
                firstLow = ((FloatVector) v.lanewise(VectorOperators.LSHL, 16)
                                .lanewise(VectorOperators.ASHR, 16)
                                .add(8 * sum)
                                .convert(VectorOperators.I2F, 0))
                        .fma(
                                ((FloatVector) s.and(0xff).convert(VectorOperators.I2F, 0))
                                        .mul(sScaleLow)
                                        .mul(scale),
                                firstLow);
                firstLow = ((FloatVector)
                                s.lanewise(VectorOperators.LSHR, 8).and(0xff).convert(VectorOperators.I2F, 0))
                        .mul(sMinimumLow)
                        .mul(scale)
                        .fma(activations, firstLow);
                firstHigh = ((FloatVector) v.lanewise(VectorOperators.ASHR, 16)
                                .add(8 * sum)
                                .convert(VectorOperators.I2F, 0))
                        .fma(
                                ((FloatVector) s.lanewise(VectorOperators.LSHR, 16)
                                                .and(0xff)
                                                .convert(VectorOperators.I2F, 0))
                                        .mul(sScaleHigh)
                                        .mul(scale),
                                firstHigh);
                firstHigh = ((FloatVector) s.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                        .mul(sMinimumHigh)
                        .mul(scale)
                        .fma(activations, firstHigh);
                secondLow = ((FloatVector) w.lanewise(VectorOperators.LSHL, 16)
                                .lanewise(VectorOperators.ASHR, 16)
                                .add(8 * sum)
                                .convert(VectorOperators.I2F, 0))
                        .fma(
                                ((FloatVector) t.and(0xff).convert(VectorOperators.I2F, 0))
                                        .mul(tScaleLow)
                                        .mul(scale),
                                secondLow);
                secondLow = ((FloatVector)
                                t.lanewise(VectorOperators.LSHR, 8).and(0xff).convert(VectorOperators.I2F, 0))
                        .mul(tMinimumLow)
                        .mul(scale)
                        .fma(activations, secondLow);
                secondHigh = ((FloatVector) w.lanewise(VectorOperators.ASHR, 16)
                                .add(8 * sum)
                                .convert(VectorOperators.I2F, 0))
                        .fma(
                                ((FloatVector) t.lanewise(VectorOperators.LSHR, 16)
                                                .and(0xff)
                                                .convert(VectorOperators.I2F, 0))
                                        .mul(tScaleHigh)
                                        .mul(scale),
                                secondHigh);
                secondHigh = ((FloatVector) t.lanewise(VectorOperators.LSHR, 24).convert(VectorOperators.I2F, 0))
                        .mul(tMinimumHigh)
                        .mul(scale)
                        .fma(activations, secondHigh);
            }
        }
        firstLow.intoArray(out, o);
        firstHigh.intoArray(out, o + 16);
        secondLow.intoArray(out, p);
        secondHigh.intoArray(out, p + 16);
    }
}
