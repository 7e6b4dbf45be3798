package dev.lathe.tensor;

import dev.lathe.tensor.pack.LinearLoader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/** Random tensors of any type: random integers, sane finite scales. */
public final class RandomWeights {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private RandomWeights() {}

    /** Bytes of a tensor of [rows x columns]; scales of all magnitudes, subnormal halves among them. */
    public static MemorySegment of(TensorType type, int rows, int columns, RandomGenerator random) {
        return of(type, rows, columns, random, -20, 3);
    }

    /** The same with scales as a trained model has them. */
    static MemorySegment ofModelScales(TensorType type, int rows, int columns, RandomGenerator random) {
        return of(type, rows, columns, random, -8, -5);
    }

    private static MemorySegment of(
            TensorType type, int rows, int columns, RandomGenerator random, int least, int bound) {
        byte[] bytes = new byte[(int) type.byteCount((long) rows * columns)];
        random.nextBytes(bytes);
        MemorySegment segment = MemorySegment.ofArray(bytes);
        for (long block = 0; block < bytes.length; block += type.blockBytes()) {
            switch (type) {
                case F32 -> segment.set(FLOAT, block, (float) random.nextGaussian());
                case F16 -> {
                    half(segment, block, random, least, bound);
                    if (bound > 0 && random.nextInt(4000) == 0) { // few tensors have large numbers
                        segment.set(SHORT, block, Float.floatToFloat16(-300));
                    }
                }
                case BF16 ->
                    segment.set(SHORT, block, (short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16));
                case Q4_0, Q5_0, Q8_0, IQ4_NL, IQ4_XS, IQ1_S, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S ->
                    half(segment, block, random, least, bound);
                case MXFP4 -> segment.set(ValueLayout.JAVA_BYTE, block, (byte) random.nextInt(100, 140));
                case Q4_1, Q5_1, Q4_K, Q5_K -> {
                    half(segment, block, random, least, bound);
                    half(segment, block + 2, random, least, bound);
                }
                case Q2_K -> {
                    half(segment, block + 80, random, least, bound);
                    half(segment, block + 82, random, least, bound);
                }
                case IQ1_M -> // the upper bits of the scale
                    segment.set(ValueLayout.JAVA_BYTE, block + 55, (byte) (0x30 | random.nextInt(16)));
                case Q3_K -> half(segment, block + 108, random, least, bound);
                case Q6_K -> half(segment, block + 208, random, least, bound);
                case TQ1_0 -> half(segment, block + 52, random, least, bound);
                case TQ2_0 -> half(segment, block + 64, random, least, bound);
                default -> throw new IllegalArgumentException("no random weights of type " + type);
            }
        }
        return segment;
    }

    private static void half(MemorySegment segment, long at, RandomGenerator random, int least, int bound) {
        float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(least, bound)));
        segment.set(SHORT, at, Float.floatToFloat16(value));
    }

    /** The layer over such bytes. */
    public static TiledLinear pack(
            TensorType type, int rows, int columns, MemorySegment bytes, dev.lathe.tensor.kernel.Kernels kernels) {
        try {
            return LinearLoader.pack(
                    type,
                    rows,
                    columns,
                    (at, count, arena) -> bytes.asSlice(at, count),
                    dev.lathe.tensor.store.WeightMemory.collected(),
                    Workers.single(),
                    kernels);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
