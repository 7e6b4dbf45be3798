package dev.lathe.tensor.kernel;

import dev.lathe.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** How plain numbers lie in a tile of 64 rows, column after column. */
public enum FloatPlane {
    /** 64 numbers of 4 bytes a column. */
    F32(256, 1f),
    /** A word of 16-bit lanes a column. */
    F16(128, 0x1p112f),
    /**
     * As {@link #F16} with exponents counted from the smallest subnormal half, for numbers below 128: none of them is a
     * subnormal float while it is widened, over which processors take a hundred cycles.
     */
    F16_BELOW_128(128, 0x1p102f),
    /** A word of 16-bit lanes a column: the upper half of float32. */
    BF16(128, 1f);

    private static final int SMALLEST_HALF_EXPONENT = -24;
    private static final int HALF_EXPONENT = 31 << 10;
    private static final int REBASED = 10 << 10; // from exponents counted from -14
    private static final int LARGEST_REBASED = HALF_EXPONENT - REBASED;

    private final int columnBytes;
    private final float scale;

    FloatPlane(int columnBytes, float scale) {
        this.columnBytes = columnBytes;
        this.scale = scale;
    }

    /** How weights of a type lie, where they are no large halves; empty for block-quantized types with kernels of their own. */
    public static Optional<FloatPlane> of(TensorType type) {
        return switch (type) {
            case F32 -> Optional.of(F32);
            case F16 -> Optional.of(F16_BELOW_128);
            case BF16 -> Optional.of(BF16);
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S -> Optional.of(F32); // decoded
            default -> Optional.empty();
        };
    }

    /** What a half's bits, moved to the place of a float's, are multiplied by: a power of two. */
    public float scale() {
        return scale;
    }

    /** The bits of {@link #F16_BELOW_128} of a half's, or -1 if the number is not below 128. */
    public static int rebase(short half) {
        int stored = half & HALF_EXPONENT;
        if (stored != 0) { // all but zeros and subnormal numbers
            return stored > LARGEST_REBASED ? -1 : (half & 0xffff) + REBASED;
        }
        int bits = Float.floatToRawIntBits(Float.float16ToFloat(half));
        if (bits << 1 == 0) {
            return half & 0x8000;
        }
        int exponent = (bits >>> 23 & 0xff) - 127 - SMALLEST_HALF_EXPONENT + 1;
        return bits >>> 16 & 0x8000 | exponent << 10 | bits >>> 13 & 0x3ff;
    }

    /** Bytes of a column of 64 rows. */
    public int columnBytes() {
        return columnBytes;
    }

    /** The number at a column and row of the tile that starts at a byte. */
    public float get(MemorySegment tiles, long tile, int column, int row) {
        return switch (this) {
            case F32 ->
                Float.intBitsToFloat(tiles.get(IntegerPlane.INT, tile + 4L * (column * IntegerPlane.ROWS + row)));
            case F16, F16_BELOW_128 -> widen(IntegerPlane.half(tiles, tile, column, row), scale);
            case BF16 -> Float.intBitsToFloat(IntegerPlane.half(tiles, tile, column, row) << 16);
        };
    }

    /** As {@link #get}, not yet multiplied by the scale. */
    public float unscaled(MemorySegment tiles, long tile, int column, int row) {
        return switch (this) {
            case F32, BF16 -> get(tiles, tile, column, row);
            case F16, F16_BELOW_128 -> widen(IntegerPlane.half(tiles, tile, column, row), 1f);
        };
    }

    /** Half precision to float; exponent 31 is read as an ordinary exponent, as all kernels do. */
    public static float half(int bits) {
        return widen(bits, F16.scale);
    }

    private static float widen(int bits, float scale) {
        return Float.intBitsToFloat((bits & 0x8000) << 16 | (bits & 0x7fff) << 13) * scale;
    }
}
