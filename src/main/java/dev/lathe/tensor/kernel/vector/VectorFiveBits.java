package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row times 5-bit weights: 16 products of -16..15 and -127..127 fit in a 16-bit lane, so a block takes two rounds.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorFiveBits {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorFiveBits() {}

    /** As {@link VectorFourBits#multiply}: 5-bit weights with any scales of 32 columns. */
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
        int center = layout.signed() ? 0 : 16; // given back to unsigned values
        short[] a = x.lanes.shorts;
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int b = from; b < to; b++) {
            int at = layout.superInts() + b * (scaleInts + 320);
            int sum = x.sums[2 * (block + b)] + x.sums[2 * (block + b) + 1];
            IntVector cLow = IntVector.broadcast(INTS, center * sum);
            IntVector cHigh = cLow;
            IntVector dLow = cLow;
            IntVector dHigh = cLow;
            for (int half = 0; half < 2; half++) {
                ShortVector c = ShortVector.broadcast(SHORTS, (short) (-16 * x.sums[2 * (block + b) + half]));
                ShortVector d = c;
                ShortVector g = ShortVector.zero(SHORTS); // the highest bits: the 16th column
                ShortVector h = g;
                for (int word = 5 * half; word < 5 * half + 5; word++) {
                    int i = (block + b) * 32 + half + word * 3;
                    IntVector v = IntVector.fromMemorySegment(
                            INTS, weights, first + 4L * (at + scaleInts + word * 32), ORDER);
                    IntVector w = IntVector.fromMemorySegment(
                            INTS, weights, second + 4L * (at + scaleInts + word * 32), ORDER);
                    ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                    c = c.add(v.and(0x001f001f).reinterpretAsShorts().mul(m));
                    d = d.add(w.and(0x001f001f).reinterpretAsShorts().mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 1]);
                    c = c.add(v.lanewise(LSHR, 5)
                            .and(0x001f001f)
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.lanewise(LSHR, 5)
                            .and(0x001f001f)
                            .reinterpretAsShorts()
                            .mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 2]);
                    c = c.add(v.lanewise(LSHR, 10)
                            .and(0x001f001f)
                            .reinterpretAsShorts()
                            .mul(m));
                    d = d.add(w.lanewise(LSHR, 10)
                            .and(0x001f001f)
                            .reinterpretAsShorts()
                            .mul(m));
                    g = g.lanewise(LSHR, 1).or(v.and(0x80008000).reinterpretAsShorts());
                    h = h.lanewise(LSHR, 1).or(w.and(0x80008000).reinterpretAsShorts());
                }
                ShortVector m = ShortVector.broadcast(SHORTS, a[(block + b) * 32 + half * 16 + 15]);
                IntVector v = c.add(g.lanewise(LSHR, 11).mul(m)).reinterpretAsInts();
                IntVector w = d.add(h.lanewise(LSHR, 11).mul(m)).reinterpretAsInts();
                cLow = cLow.add(v.lanewise(LSHL, 16).lanewise(ASHR, 16));
                cHigh = cHigh.add(v.lanewise(ASHR, 16));
                dLow = dLow.add(w.lanewise(LSHL, 16).lanewise(ASHR, 16));
                dHigh = dHigh.add(w.lanewise(ASHR, 16));
            }
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
            firstLow = ((FloatVector) cLow.convert(I2F, 0)).fma(sLow.mul(scale), firstLow);
            firstHigh = ((FloatVector) cHigh.convert(I2F, 0)).fma(sHigh.mul(scale), firstHigh);
            secondLow = ((FloatVector) dLow.convert(I2F, 0)).fma(tLow.mul(scale), secondLow);
            secondHigh = ((FloatVector) dHigh.convert(I2F, 0)).fma(tHigh.mul(scale), secondHigh);
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
