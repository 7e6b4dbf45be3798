package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/** Blocks of one signed byte an element: Q8_0 of 32 with a scale of 16 bits, Q8_K of 256 with a scale of 32 bits. */
final class ByteLayout extends BlockLayout {
    private static final long SIGNS = 0x8080808080808080L;

    private final int bytesAt;

    ByteLayout(TensorType type) {
        super(type, type.blockSize(), integers(-128, 127));
        bytesAt = type == TensorType.Q8_K ? 4 : 2;
    }

    /** Minus 128 is read but not written: kernels that take magnitudes cannot hold its. */
    @Override
    int firstCode() {
        return 1;
    }

    @Override
    public int scaleBits(byte[] source, int at, int index) {
        return LittleEndian.int16(source, at);
    }

    @Override
    void readScales(byte[] source, int at, float[] scales, float[] minima) {
        scales[0] = type() == TensorType.Q8_K
                ? Float.intBitsToFloat(LittleEndian.int32(source, at))
                : LittleEndian.half(source, at);
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        for (int i = 0; i < codes.length; i += Long.BYTES) {
            LittleEndian.setInt64(codes, i, LittleEndian.int64(source, at + bytesAt + i) ^ SIGNS);
        }
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        for (int i = 0; i < codes.length; i++) {
            target[at + bytesAt + i] = (byte) (codes[i] ^ 0x80);
        }
    }
}
