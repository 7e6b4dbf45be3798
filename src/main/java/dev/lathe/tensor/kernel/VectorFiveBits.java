package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exact block sums of 5-bit weights: 16 products of -16..15 and -127..127 fit in a 16-bit lane, so a block takes two rounds.
 *
 * <p>One call computes two vectors of rows, which share each broadcast activation. Everything stands in one method: the
 * compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorFiveBits {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    private VectorFiveBits() {}

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
            int restored = restore * (x.sums[2 * (block + b)] + x.sums[2 * (block + b) + 1]);
            IntVector cLow = IntVector.broadcast(INTS, restored);
            IntVector cHigh = cLow;
            IntVector dLow = cLow;
            IntVector dHigh = cLow;
            for (int half = 0; half < 2; half++) {
                ShortVector c = ShortVector.broadcast(SHORTS, (short) (-16 * x.sums[2 * (block + b) + half]));
                ShortVector d = c;
                IntVector p = IntVector.fromArray(INTS, weights, first + b * stride + (8 + half) * 32);
                IntVector q = IntVector.fromArray(INTS, weights, second + b * stride + (8 + half) * 32);
                for (int word = 0; word < 4; word++) {
                    int at = b * stride + (half * 4 + word) * 32;
                    int i = (block + b) * 32 + half * 16 + word * 4;
                    IntVector v = IntVector.fromArray(INTS, weights, first + at);
                    IntVector w = IntVector.fromArray(INTS, weights, second + at);
                    ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                    c = c.add(v.and(0x000f000f)
                            .or(p.lanewise(VectorOperators.LSHL, 4).and(0x00100010))
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.and(0x000f000f)
                            .or(q.lanewise(VectorOperators.LSHL, 4).and(0x00100010))
                            .reinterpretAsShorts()
                            .mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 1]);
                    c = c.add(v.lanewise(VectorOperators.LSHR, 4)
                            .and(0x000f000f)
                            .or(p.lanewise(VectorOperators.LSHL, 3).and(0x00100010))
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.lanewise(VectorOperators.LSHR, 4)
                            .and(0x000f000f)
                            .or(q.lanewise(VectorOperators.LSHL, 3).and(0x00100010))
                            .reinterpretAsShorts()
                            .mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 2]);
                    c = c.add(v.lanewise(VectorOperators.LSHR, 8)
                            .and(0x000f000f)
                            .or(p.lanewise(VectorOperators.LSHL, 2).and(0x00100010))
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.lanewise(VectorOperators.LSHR, 8)
                            .and(0x000f000f)
                            .or(q.lanewise(VectorOperators.LSHL, 2).and(0x00100010))
                            .reinterpretAsShorts()
                            .mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 3]);
                    c = c.add(v.lanewise(VectorOperators.LSHR, 12)
                            .and(0x000f000f)
                            .or(p.lanewise(VectorOperators.LSHL, 1).and(0x00100010))
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.lanewise(VectorOperators.LSHR, 12)
                            .and(0x000f000f)
                            .or(q.lanewise(VectorOperators.LSHL, 1).and(0x00100010))
                            .reinterpretAsShorts()
                            .mul(m));
                    p = p.lanewise(VectorOperators.LSHR, 4);
                    q = q.lanewise(VectorOperators.LSHR, 4);
                }
                IntVector v = c.reinterpretAsInts();
                IntVector w = d.reinterpretAsInts();
                cLow = cLow.add(v.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
                cHigh = cHigh.add(v.lanewise(VectorOperators.ASHR, 16));
                dLow = dLow.add(w.lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16));
                dHigh = dHigh.add(w.lanewise(VectorOperators.ASHR, 16));
            }
            ((FloatVector) cLow.convert(VectorOperators.I2F, 0)).intoArray(sums, firstSum + b * 32);
            ((FloatVector) cHigh.convert(VectorOperators.I2F, 0)).intoArray(sums, firstSum + b * 32 + 16);
            ((FloatVector) dLow.convert(VectorOperators.I2F, 0)).intoArray(sums, secondSum + b * 32);
            ((FloatVector) dHigh.convert(VectorOperators.I2F, 0)).intoArray(sums, secondSum + b * 32 + 16);
        }
    }
}
