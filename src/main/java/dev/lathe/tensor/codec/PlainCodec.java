package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/** Numbers of their own, without blocks: F32, F16 and BF16. Rounding is to nearest, ties to even; importances say nothing. */
final class PlainCodec extends BlockwiseCodec {
    PlainCodec(TensorType type) {
        super(type);
    }

    @Override
    void decodeBlock(byte[] source, int at, float[] target, int targetOffset) {
        target[targetOffset] = switch (type()) {
            case F32 -> Float.intBitsToFloat(LittleEndian.int32(source, at));
            case F16 -> LittleEndian.half(source, at);
            case BF16 -> Float.intBitsToFloat(LittleEndian.int16(source, at) << 16);
            default -> throw new AssertionError(type());
        };
    }

    @Override
    BlockEncoder newEncoder() {
        return switch (type()) {
            case F32 ->
                (source, from, _, _, target, at) ->
                        LittleEndian.setInt32(target, at, Float.floatToRawIntBits(source[from]));
            case F16 -> (source, from, _, _, target, at) -> LittleEndian.setHalf(target, at, source[from]);
            case BF16 -> (source, from, _, _, target, at) -> LittleEndian.setInt16(target, at, brain(source[from]));
            default -> throw new AssertionError(type());
        };
    }

    /** The upper 16 bits, rounded; what would round to infinity stays the greatest finite number. */
    private static int brain(float value) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
        return (rounded & 0x7fff) == 0x7f80 ? rounded - 1 : rounded;
    }
}
