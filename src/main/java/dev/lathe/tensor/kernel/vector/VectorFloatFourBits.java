package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.QuantizedActivations;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row times nibbles that choose a 4-bit float, which twice is one of the integers -12..12: as {@link VectorFiveBits},
 * with two columns looked up at once.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorFloatFourBits {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final byte[] LEVELS = IntegerPlane.FLOAT_FOUR.lookupTable();

    private VectorFloatFourBits() {}

    /** As {@link VectorFourBits#multiply}: 4-bit floats with scales of 32 columns in bfloat16. */
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
        ByteVector levels = ByteVector.fromArray(BYTES, LEVELS, 0);
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int b = from; b < to; b++) {
            int at = b * 288;
            IntVector cLow = IntVector.zero(INTS);
            IntVector cHigh = cLow;
            IntVector dLow = cLow;
            IntVector dHigh = cLow;
            for (int half = 0; half < 2; half++) {
                ShortVector c = ShortVector.broadcast(SHORTS, (short) (-16 * x.sums[2 * (block + b) + half]));
                ShortVector d = c;
                for (int word = 4 * half; word < 4 * half + 4; word++) {
                    int i = (block + b) * 32 + word * 4;
                    IntVector v = IntVector.fromMemorySegment(INTS, weights, first + 4L * (at + 32 + word * 32), ORDER);
                    IntVector w =
                            IntVector.fromMemorySegment(INTS, weights, second + 4L * (at + 32 + word * 32), ORDER);
                    ShortVector vEven =
                            v.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
                    ShortVector wEven =
                            w.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
                    ShortVector vOdd = v.lanewise(LSHR, 4)
                            .reinterpretAsBytes()
                            .selectFrom(levels)
                            .reinterpretAsShorts();
                    ShortVector wOdd = w.lanewise(LSHR, 4)
                            .reinterpretAsBytes()
                            .selectFrom(levels)
                            .reinterpretAsShorts();
                    ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                    c = c.add(vEven.and((short) 255).mul(m));
                    d = d.add(wEven.and((short) 255).mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 1]);
                    c = c.add(vOdd.and((short) 255).mul(m));
                    d = d.add(wOdd.and((short) 255).mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 2]);
                    c = c.add(vEven.lanewise(LSHR, 8).mul(m));
                    d = d.add(wEven.lanewise(LSHR, 8).mul(m));
                    m = ShortVector.broadcast(SHORTS, a[i + 3]);
                    c = c.add(vOdd.lanewise(LSHR, 8).mul(m));
                    d = d.add(wOdd.lanewise(LSHR, 8).mul(m));
                }
                IntVector v = c.reinterpretAsInts();
                IntVector w = d.reinterpretAsInts();
                cLow = cLow.add(v.lanewise(LSHL, 16).lanewise(ASHR, 16));
                cHigh = cHigh.add(v.lanewise(ASHR, 16));
                dLow = dLow.add(w.lanewise(LSHL, 16).lanewise(ASHR, 16));
                dHigh = dHigh.add(w.lanewise(ASHR, 16));
            }
            float scale = x.scales[block + b];
            IntVector s = IntVector.fromMemorySegment(INTS, weights, first + 4L * at, ORDER);
            IntVector t = IntVector.fromMemorySegment(INTS, weights, second + 4L * at, ORDER);
            firstLow = ((FloatVector) cLow.convert(I2F, 0))
                    .fma(s.lanewise(LSHL, 16).reinterpretAsFloats().mul(scale), firstLow);
            firstHigh = ((FloatVector) cHigh.convert(I2F, 0))
                    .fma(s.and(0xffff0000).reinterpretAsFloats().mul(scale), firstHigh);
            secondLow = ((FloatVector) dLow.convert(I2F, 0))
                    .fma(t.lanewise(LSHL, 16).reinterpretAsFloats().mul(scale), secondLow);
            secondHigh = ((FloatVector) dHigh.convert(I2F, 0))
                    .fma(t.and(0xffff0000).reinterpretAsFloats().mul(scale), secondHigh);
        }
        firstLow.intoArray(out, o);
        firstHigh.intoArray(out, o + 16);
        secondLow.intoArray(out, p);
        secondHigh.intoArray(out, p + 16);
    }
}
