package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exact block sums of 8-bit weights: two products fit in a 16-bit lane. The bytes are stored with 128 added; the pair starts at
 * -128 times its two activations, modulo 2^16, so it ends at the signed sum, and is widened at once.
 *
 * <p>One call computes two vectors of rows, which share each broadcast activation. Everything stands in one method: the
 * compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorEightBits {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    private VectorEightBits() {}

    /**
     * Sums of the blocks of two vectors of rows.
     *
     * @param weights the tiles
     * @param first index of the first vector of rows in its tile's first block
     * @param second the same of the second vector
     * @param blocks number of blocks of 32 columns
     * @param stride ints from block to block
     * @param x the activations
     * @param block first block of the row in {@code x}
     * @param sums result, [blocks][32 rows]
     * @param firstSum index of the first vector's result
     * @param secondSum index of the second vector's result
     */
    static void sums(
            int[] weights,
            int first,
            int second,
            int blocks,
            int stride,
            QuantizedRows x,
            int block,
            float[] sums,
            int firstSum,
            int secondSum) {
        short[] a = x.values;
        for (int b = 0; b < blocks; b++) {
            IntVector cLow = IntVector.zero(INTS);
            IntVector cHigh = cLow;
            IntVector dLow = cLow;
            IntVector dHigh = cLow;
            for (int word = 0; word < 16; word++) {
                int at = b * stride + word * 32;
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
            ((FloatVector) cLow.convert(VectorOperators.I2F, 0)).intoArray(sums, firstSum + b * 32);
            ((FloatVector) cHigh.convert(VectorOperators.I2F, 0)).intoArray(sums, firstSum + b * 32 + 16);
            ((FloatVector) dLow.convert(VectorOperators.I2F, 0)).intoArray(sums, secondSum + b * 32);
            ((FloatVector) dHigh.convert(VectorOperators.I2F, 0)).intoArray(sums, secondSum + b * 32 + 16);
        }
    }
}
