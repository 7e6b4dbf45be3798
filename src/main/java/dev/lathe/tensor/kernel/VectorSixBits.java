package dev.lathe.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exact sums of 6-bit weights: 8 products of -32..31 and -127..127 fit in a 16-bit lane, so a block of 32 gives four sums.
 *
 * <p>One call computes two vectors of rows, which share each broadcast activation. Everything stands in one method: the
 * compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorSixBits {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    private VectorSixBits() {}

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
     * @param sums result, [blocks][4 groups of 8 columns][32 rows]
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
            for (int group = 0; group < 4; group++) {
                int low = b * stride + group * 64;
                int i = (block + b) * 32 + group * 8;
                IntVector p = IntVector.fromArray(INTS, weights, first + b * stride + (8 + group) * 32);
                IntVector q = IntVector.fromArray(INTS, weights, second + b * stride + (8 + group) * 32);
                IntVector v = IntVector.fromArray(INTS, weights, first + low);
                IntVector w = IntVector.fromArray(INTS, weights, second + low);
                ShortVector c = ShortVector.zero(SHORTS);
                ShortVector d = c;
                ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                c = c.add(v.and(0x000f000f)
                        .or(p.lanewise(VectorOperators.LSHL, 4).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                d = d.add(w.and(0x000f000f)
                        .or(q.lanewise(VectorOperators.LSHL, 4).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 1]);
                c = c.add(v.lanewise(VectorOperators.LSHR, 4)
                        .and(0x000f000f)
                        .or(p.lanewise(VectorOperators.LSHL, 2).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                d = d.add(w.lanewise(VectorOperators.LSHR, 4)
                        .and(0x000f000f)
                        .or(q.lanewise(VectorOperators.LSHL, 2).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 2]);
                c = c.add(v.lanewise(VectorOperators.LSHR, 8)
                        .and(0x000f000f)
                        .or(p.and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                d = d.add(w.lanewise(VectorOperators.LSHR, 8)
                        .and(0x000f000f)
                        .or(q.and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 3]);
                c = c.add(v.lanewise(VectorOperators.LSHR, 12)
                        .and(0x000f000f)
                        .or(p.lanewise(VectorOperators.LSHR, 2).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                d = d.add(w.lanewise(VectorOperators.LSHR, 12)
                        .and(0x000f000f)
                        .or(q.lanewise(VectorOperators.LSHR, 2).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                v = IntVector.fromArray(INTS, weights, first + low + 32);
                w = IntVector.fromArray(INTS, weights, second + low + 32);
                m = ShortVector.broadcast(SHORTS, a[i + 4]);
                c = c.add(v.and(0x000f000f)
                        .or(p.lanewise(VectorOperators.LSHR, 4).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                d = d.add(w.and(0x000f000f)
                        .or(q.lanewise(VectorOperators.LSHR, 4).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 5]);
                c = c.add(v.lanewise(VectorOperators.LSHR, 4)
                        .and(0x000f000f)
                        .or(p.lanewise(VectorOperators.LSHR, 6).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                d = d.add(w.lanewise(VectorOperators.LSHR, 4)
                        .and(0x000f000f)
                        .or(q.lanewise(VectorOperators.LSHR, 6).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 6]);
                c = c.add(v.lanewise(VectorOperators.LSHR, 8)
                        .and(0x000f000f)
                        .or(p.lanewise(VectorOperators.LSHR, 8).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                d = d.add(w.lanewise(VectorOperators.LSHR, 8)
                        .and(0x000f000f)
                        .or(q.lanewise(VectorOperators.LSHR, 8).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                m = ShortVector.broadcast(SHORTS, a[i + 7]);
                c = c.add(v.lanewise(VectorOperators.LSHR, 12)
                        .and(0x000f000f)
                        .or(p.lanewise(VectorOperators.LSHR, 10).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                d = d.add(w.lanewise(VectorOperators.LSHR, 12)
                        .and(0x000f000f)
                        .or(q.lanewise(VectorOperators.LSHR, 10).and(0x00300030))
                        .reinterpretAsShorts()
                        .sub((short) 32)
                        .mul(m));
                v = c.reinterpretAsInts();
                w = d.reinterpretAsInts();
                ((FloatVector) v.lanewise(VectorOperators.LSHL, 16)
                                .lanewise(VectorOperators.ASHR, 16)
                                .convert(VectorOperators.I2F, 0))
                        .intoArray(sums, firstSum + (b * 4 + group) * 32);
                ((FloatVector) v.lanewise(VectorOperators.ASHR, 16).convert(VectorOperators.I2F, 0))
                        .intoArray(sums, firstSum + (b * 4 + group) * 32 + 16);
                ((FloatVector) w.lanewise(VectorOperators.LSHL, 16)
                                .lanewise(VectorOperators.ASHR, 16)
                                .convert(VectorOperators.I2F, 0))
                        .intoArray(sums, secondSum + (b * 4 + group) * 32);
                ((FloatVector) w.lanewise(VectorOperators.ASHR, 16).convert(VectorOperators.I2F, 0))
                        .intoArray(sums, secondSum + (b * 4 + group) * 32 + 16);
            }
        }
    }
}
