package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.lathe.tensor.kernel.QuantizedActivations;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row times 8-bit weights: two products fit in a 16-bit lane. The bytes are stored with 128 added; the pair starts at -128
 * times its two activations, modulo 2^16, so it ends at the signed sum, and 2^15 more, as an unsigned number. Pairs are
 * widened at once: whole ints in one sum, their high halves in another.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorEightBits {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private VectorEightBits() {}

    /** As {@link VectorFourBits#multiply}: signed 8-bit weights with scales of 32 columns. */
    static void multiply(
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
        short[] a = x.lanes.shorts;
        short[] pairs = x.lanes.pairs;
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int b = from; b < to; b++) {
            int at = b * 544;
            IntVector c = IntVector.zero(INTS); // sums of pairs of both halves of each int
            IntVector cHigh = c;
            IntVector d = c;
            IntVector dHigh = c;
            for (int word = 0; word < 16; word++) {
                int i = (block + b) * 32 + word * 2;
                IntVector v = IntVector.fromMemorySegment(INTS, weights, first + 4L * (at + 32 + word * 32), ORDER);
                IntVector w = IntVector.fromMemorySegment(INTS, weights, second + 4L * (at + 32 + word * 32), ORDER);
                ShortVector start = ShortVector.broadcast(SHORTS, pairs[(block + b) * 16 + word]);
                ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                ShortVector n = ShortVector.broadcast(SHORTS, a[i + 1]);
                v = v.and(0x00ff00ff)
                        .reinterpretAsShorts()
                        .mul(m)
                        .add(v.reinterpretAsShorts().lanewise(LSHR, 8).mul(n))
                        .add(start)
                        .reinterpretAsInts();
                w = w.and(0x00ff00ff)
                        .reinterpretAsShorts()
                        .mul(m)
                        .add(w.reinterpretAsShorts().lanewise(LSHR, 8).mul(n))
                        .add(start)
                        .reinterpretAsInts();
                c = c.add(v);
                cHigh = cHigh.add(v.lanewise(LSHR, 16));
                d = d.add(w);
                dHigh = dHigh.add(w.lanewise(LSHR, 16));
            }
            float scale = x.scales[block + b];
            IntVector s = IntVector.fromMemorySegment(INTS, weights, first + 4L * at, ORDER);
            IntVector t = IntVector.fromMemorySegment(INTS, weights, second + 4L * at, ORDER);
            FloatVector sLow = s.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f);
            FloatVector sHigh =
                    s.lanewise(ASHR, 3).and(0x8fffe000).reinterpretAsFloats().mul(0x1p112f);
            FloatVector tLow = t.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(0x8fffe000)
                    .reinterpretAsFloats()
                    .mul(0x1p112f);
            FloatVector tHigh =
                    t.lanewise(ASHR, 3).and(0x8fffe000).reinterpretAsFloats().mul(0x1p112f);
            int back = -16 * 0x8000;
            firstLow = ((FloatVector) c.sub(cHigh.lanewise(LSHL, 16)).add(back).convert(I2F, 0))
                    .fma(sLow.mul(scale), firstLow);
            firstHigh = ((FloatVector) cHigh.add(back).convert(I2F, 0)).fma(sHigh.mul(scale), firstHigh);
            secondLow = ((FloatVector) d.sub(dHigh.lanewise(LSHL, 16)).add(back).convert(I2F, 0))
                    .fma(tLow.mul(scale), secondLow);
            secondHigh = ((FloatVector) dHigh.add(back).convert(I2F, 0)).fma(tHigh.mul(scale), secondHigh);
        }
        firstLow.intoArray(out, o);
        firstHigh.intoArray(out, o + 16);
        secondLow.intoArray(out, p);
        secondHigh.intoArray(out, p + 16);
    }
}
