package dev.lathe.tensor.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row times 8-bit weights: two products fit in a 16-bit lane. The bytes are stored with 128 added; the pair starts at -128
 * times its two activations, modulo 2^16, so it ends at the signed sum, and is widened at once.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorEightBits {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorEightBits() {}

    /** As {@link VectorFourBits#multiply}: signed 8-bit weights with scales of 32 columns. */
    static void multiply(
            TileLayout layout,
            int[] weights,
            int first,
            int second,
            int blocks,
            QuantizedRows x,
            int block,
            float[] out,
            int o,
            int p) {
        boolean superScaled = layout.superInts() > 0;
        short[] a = x.values;
        short[] pairs = x.pairs;
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int b = 0; b < blocks; b++) {
            int at = layout.superInts() + b * 544;
            IntVector cLow = IntVector.zero(INTS);
            IntVector cHigh = cLow;
            IntVector dLow = cLow;
            IntVector dHigh = cLow;
            for (int word = 0; word < 16; word++) {
                int i = (block + b) * 32 + word * 2;
                IntVector v = IntVector.fromArray(INTS, weights, first + at + 32 + word * 32);
                IntVector w = IntVector.fromArray(INTS, weights, second + at + 32 + word * 32);
                ShortVector start = ShortVector.broadcast(SHORTS, pairs[i / 2]);
                ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                ShortVector n = ShortVector.broadcast(SHORTS, a[i + 1]);
                v = v.and(0x00ff00ff)
                        .reinterpretAsShorts()
                        .mul(m)
                        .add(v.lanewise(LSHR, 8)
                                .and(0x00ff00ff)
                                .reinterpretAsShorts()
                                .mul(n))
                        .add(start)
                        .reinterpretAsInts();
                w = w.and(0x00ff00ff)
                        .reinterpretAsShorts()
                        .mul(m)
                        .add(w.lanewise(LSHR, 8)
                                .and(0x00ff00ff)
                                .reinterpretAsShorts()
                                .mul(n))
                        .add(start)
                        .reinterpretAsInts();
                cLow = cLow.add(v.lanewise(LSHL, 16).lanewise(ASHR, 16));
                cHigh = cHigh.add(v.lanewise(ASHR, 16));
                dLow = dLow.add(w.lanewise(LSHL, 16).lanewise(ASHR, 16));
                dHigh = dHigh.add(w.lanewise(ASHR, 16));
            }
            float scale = x.scales[block + b];
            IntVector s = IntVector.fromArray(INTS, weights, first + at);
            IntVector t = IntVector.fromArray(INTS, weights, second + at);
            FloatVector sLow;
            FloatVector sHigh;
            FloatVector tLow;
            FloatVector tHigh;
            if (superScaled) {
                IntVector e = IntVector.fromArray(INTS, weights, first);
                IntVector f = IntVector.fromArray(INTS, weights, second);
                sLow = ((FloatVector) s.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
                        .mul(e.lanewise(LSHL, 16)
                                .lanewise(ASHR, 3)
                                .and(0x8fffe000)
                                .reinterpretAsFloats()
                                .mul(0x1p112f));
                sHigh = ((FloatVector) s.lanewise(ASHR, 16).convert(I2F, 0))
                        .mul(e.lanewise(ASHR, 3)
                                .and(0x8fffe000)
                                .reinterpretAsFloats()
                                .mul(0x1p112f));
                tLow = ((FloatVector) t.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
                        .mul(f.lanewise(LSHL, 16)
                                .lanewise(ASHR, 3)
                                .and(0x8fffe000)
                                .reinterpretAsFloats()
                                .mul(0x1p112f));
                tHigh = ((FloatVector) t.lanewise(ASHR, 16).convert(I2F, 0))
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
            firstLow = ((FloatVector) cLow.convert(I2F, 0)).fma(sLow.mul(scale), firstLow);
            firstHigh = ((FloatVector) cHigh.convert(I2F, 0)).fma(sHigh.mul(scale), firstHigh);
            secondLow = ((FloatVector) dLow.convert(I2F, 0)).fma(tLow.mul(scale), secondLow);
            secondHigh = ((FloatVector) dHigh.convert(I2F, 0)).fma(tHigh.mul(scale), secondHigh);
        }
        firstLow.intoArray(out, o);
        firstHigh.intoArray(out, o + 16);
        secondLow.intoArray(out, p);
        secondHigh.intoArray(out, p + 16);
    }
}
