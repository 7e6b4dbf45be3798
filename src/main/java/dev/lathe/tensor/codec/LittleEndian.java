package dev.lathe.tensor.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in the bytes of blocks. */
final class LittleEndian {
    /** The greatest number of 16 bits; ggml turns what is beyond into infinity. */
    static final float GREATEST_HALF = 65504;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** The low nibbles of eight bytes. */
    static final long NIBBLES = 0x0f0f0f0f0f0f0f0fL;

    private LittleEndian() {}

    static int int16(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at) & 0xffff;
    }

    static void setInt16(byte[] bytes, int at, int value) {
        SHORT.set(bytes, at, (short) value);
    }

    static int int32(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static void setInt32(byte[] bytes, int at, int value) {
        INT.set(bytes, at, value);
    }

    /** The low nibbles of eight bytes and their high nibbles, a byte each: loading unpacks a whole model so. */
    static void splitNibbles(byte[] source, int at, byte[] target, int low, int high) {
        long pairs = int64(source, at);
        setInt64(target, low, pairs & NIBBLES);
        setInt64(target, high, pairs >>> 4 & NIBBLES);
    }

    static long int64(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static void setInt64(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }

    /** A float of 16 bits. */
    static float half(byte[] bytes, int at) {
        return Float.float16ToFloat((short) SHORT.get(bytes, at));
    }

    static void setHalf(byte[] bytes, int at, float value) {
        SHORT.set(bytes, at, Float.floatToFloat16(saturated(value)));
    }

    /** A number within the range of 16 bits. */
    static float saturated(float value) {
        return Math.clamp(value, -GREATEST_HALF, GREATEST_HALF);
    }

    /** The number of 16 bits that is nearest. */
    static float toHalf(float value) {
        return Float.float16ToFloat(Float.floatToFloat16(saturated(value)));
    }
}
