package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exact block sums of 4-bit weights: 32 products of -8..7 and -127..127 fit in a 16-bit lane. The lanes add 0..15 times the
 * activation modulo 2^16, starting at -8 times the sum of the activations, so they end at the signed sum.
 *
 * <p>One call computes two vectors of rows, which share each broadcast activation. Everything stands in one method: the
 * compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorFourBits {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    private VectorFourBits() {}

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
     * @param restore added back for each unit of activation (the center, for unsigned values)
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
            int restore,
            float[] sums,
            int firstSum,
            int secondSum) {
        short[] a = x.values;
        for (int b = 0; b < blocks; b++) {
            int sum = x.sums[2 * (block + b)] + x.sums[2 * (block + b) + 1];
            ShortVector c = ShortVector.broadcast(SHORTS, (short) (-8 * sum));
            ShortVector d = c;
            for (int word = 0; word < 8; word++) {
                int at = b * stride + word * 32;
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
            ((FloatVector) v.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .add(restore * sum)
                            .convert(VectorOperators.I2F, 0))
                    .intoArray(sums, firstSum + b * 32);
            ((FloatVector) v.lanewise(VectorOperators.ASHR, 16)
                            .add(restore * sum)
                            .convert(VectorOperators.I2F, 0))
                    .intoArray(sums, firstSum + b * 32 + 16);
            ((FloatVector) w.lanewise(VectorOperators.LSHL, 16)
                            .lanewise(VectorOperators.ASHR, 16)
                            .add(restore * sum)
                            .convert(VectorOperators.I2F, 0))
                    .intoArray(sums, secondSum + b * 32);
            ((FloatVector) w.lanewise(VectorOperators.ASHR, 16)
                            .add(restore * sum)
                            .convert(VectorOperators.I2F, 0))
                    .intoArray(sums, secondSum + b * 32 + 16);
        }
    }
}
