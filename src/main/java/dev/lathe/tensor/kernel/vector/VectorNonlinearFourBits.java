package dev.lathe.tensor.kernel.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row times nibbles that choose one of 16 levels of 8 bits: as {@link VectorEightBits}, with the bytes of two columns
 * looked up at once.
 *
 * <p>One method holds everything: the compiler inlines the Vector API without limit, but not methods around it.
 */
final class VectorNonlinearFourBits {
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final byte[] LEVELS = IntegerPlane.NONLINEAR_FOUR.lookupTable();

    private VectorNonlinearFourBits() {}

    /** As {@link VectorFourBits#multiply}: levels with scales of 32 columns. */
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
        short[] a = x.lanes.shorts;
        short[] pairs = x.lanes.pairs;
        ByteVector levels = ByteVector.fromArray(BYTES, LEVELS, 0);
        FloatVector firstLow = FloatVector.fromArray(FLOATS, out, o);
        FloatVector firstHigh = FloatVector.fromArray(FLOATS, out, o + 16);
        FloatVector secondLow = FloatVector.fromArray(FLOATS, out, p);
        FloatVector secondHigh = FloatVector.fromArray(FLOATS, out, p + 16);
        for (int b = from; b < to; b++) {
            int at = layout.superInts() + b * 288;
            IntVector c = IntVector.zero(INTS); // sums of pairs of both halves of each int
            IntVector cHigh = c;
            IntVector d = c;
            IntVector dHigh = c;
            for (int word = 0; word < 8; word++) {
                int i = (block + b) * 32 + word * 4;
                IntVector v = IntVector.fromMemorySegment(INTS, weights, first + 4L * (at + 32 + word * 32), ORDER);
                IntVector w = IntVector.fromMemorySegment(INTS, weights, second + 4L * (at + 32 + word * 32), ORDER);
                ShortVector vEven = v.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
                ShortVector vOdd = v.lanewise(LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(levels)
                        .reinterpretAsShorts();
                ShortVector wEven = w.reinterpretAsBytes().selectFrom(levels).reinterpretAsShorts();
                ShortVector wOdd = w.lanewise(LSHR, 4)
                        .reinterpretAsBytes()
                        .selectFrom(levels)
                        .reinterpretAsShorts();
                ShortVector start = ShortVector.broadcast(SHORTS, pairs[(block + b) * 16 + word * 2]);
                ShortVector m = ShortVector.broadcast(SHORTS, a[i]);
                ShortVector n = ShortVector.broadcast(SHORTS, a[i + 1]);
                v = vEven.and((short) 255)
                        .mul(m)
                        .add(vOdd.and((short) 255).mul(n))
                        .add(start)
                        .reinterpretAsInts();
                w = wEven.and((short) 255)
                        .mul(m)
                        .add(wOdd.and((short) 255).mul(n))
                        .add(start)
                        .reinterpretAsInts();
                c = c.add(v);
                cHigh = cHigh.add(v.lanewise(LSHR, 16));
                d = d.add(w);
                dHigh = dHigh.add(w.lanewise(LSHR, 16));
                start = ShortVector.broadcast(SHORTS, pairs[(block + b) * 16 + word * 2 + 1]);
                m = ShortVector.broadcast(SHORTS, a[i + 2]);
                n = ShortVector.broadcast(SHORTS, a[i + 3]);
                v = vEven.lanewise(LSHR, 8)
                        .mul(m)
                        .add(vOdd.lanewise(LSHR, 8).mul(n))
                        .add(start)
                        .reinterpretAsInts();
                w = wEven.lanewise(LSHR, 8)
                        .mul(m)
                        .add(wOdd.lanewise(LSHR, 8).mul(n))
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
            FloatVector sLow;
            FloatVector sHigh;
            FloatVector tLow;
            FloatVector tHigh;
            if (superScaled) {
                IntVector e = IntVector.fromMemorySegment(INTS, weights, first, ORDER);
                IntVector f = IntVector.fromMemorySegment(INTS, weights, second, ORDER);
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
