package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * 8-bit weights with one scale a block (Q8_0).
 *
 * <p>The same numbers in the same order as block sums followed by scaling, without the way through memory. One method holds
 * everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorEightBitsScaled {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorEightBitsScaled() {}

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
        for (int b = 0; b < blocks; b++) {
            IntVector cLow = IntVector.zero(INTS);
            IntVector cHigh = IntVector.zero(INTS);
            IntVector dLow = IntVector.zero(INTS);
            IntVector dHigh = IntVector.zero(INTS);
            for (int word = 0; word < 16; word++) {
                int at = b * 544 + 32 + word * 32;
                int i = (block + b) * 32 + word * 2;
                IntVector v = IntVector.fromArray(INTS, weights, first + at);
                IntVector w = IntVector.fromArray(INTS, weights, second + at);
                ShortVector start = ShortVector.broadcast(SHORTS, x.pairs[(block + b) * 16 + word]);
                ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                ShortVector n = ShortVector.broadcast(SHORTS, a[i + 1]);
                IntVector c = v.and(0x00ff00ff)
                        .reinterpretAsShorts()
                        .mul(m)
                        .add(v.lanewise(VectorOperators.LSHR, 8)
                                .and(0x00ff00ff)
                                .reinterpretAsShorts()
                                .mul(n))
                        .add(start)
                        .reinterpretAsInts();
                IntVector d = w.and(0x00ff00ff)
                        .reinterpretAsShorts()
                        .mul(m)
                        .add(w.lanewise(VectorOperators.LSHR, 8)
                                .and(0x00ff00ff)
                                .reinterpretAsShorts()
                                .mul(n))
                        .add(start)
                        .reinterpretAsInts();
                cLow = cLow.add(c.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
                cHigh = cHigh.add(c.lanewise(VectorOperators.ASHR, 16));
                dLow = dLow.add(d.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
                dHigh = dHigh.add(d.lanewise(VectorOperators.ASHR, 16));
            }
            float scale = x.scales[block + b];
            IntVector s = IntVector.fromArray(INTS, weights, first + b * 544);
            IntVector t = IntVector.fromArray(INTS, weights, second + b * 544);
            firstLow = ((FloatVector) cLow.convert(VectorOperators.I2F, 0))
                    .fma(
                            s.lanewise(VectorOperators.LSHL, 16)
                                    .lanewise(VectorOperators.ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            firstLow);
            firstHigh = ((FloatVector) cHigh.convert(VectorOperators.I2F, 0))
                    .fma(
                            s.lanewise(VectorOperators.ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            firstHigh);
            secondLow = ((FloatVector) dLow.convert(VectorOperators.I2F, 0))
                    .fma(
                            t.lanewise(VectorOperators.LSHL, 16)
                                    .lanewise(VectorOperators.ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            secondLow);
            secondHigh = ((FloatVector) dHigh.convert(VectorOperators.I2F, 0))
                    .fma(
                            t.lanewise(VectorOperators.ASHR, 3)
                                    .and(0x8fffe000)
                                    .reinterpretAsFloats()
                                    .mul(0x1p112f)
                                    .mul(scale),
                            secondHigh);
        }
        firstLow.intoArray(out, o);
        firstHigh.intoArray(out, o + 16);
        secondLow.intoArray(out, p);
        secondHigh.intoArray(out, p + 16);
    }
}
