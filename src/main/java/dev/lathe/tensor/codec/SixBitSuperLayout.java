package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * Q6_K: 128 bytes of low nibbles, 64 bytes of the upper two bits, sixteen signed bytes of scales, a scale of 16 bits. Each half
 * of 128 elements is four runs of 32: low nibbles of its 64 bytes are the first two runs, high nibbles the others, and bits
 * {@code 2j} and {@code 2j + 1} of its 32 bytes of upper bits belong to run {@code j}.
 */
final class SixBitSuperLayout extends SymmetricSuperLayout {
    private static final int UPPER = 128;
    private static final int INTEGERS = 192;
    private static final long PAIRS = 0x0303030303030303L;

    SixBitSuperLayout() {
        super(TensorType.Q6_K, 16, integers(-32, 31), 208, -128);
    }

    @Override
    public int scale(byte[] source, int at, int group) {
        return source[at + INTEGERS + group];
    }

    @Override
    void writeIntegers(byte[] scales, byte[] target, int at) {
        System.arraycopy(scales, 0, target, at + INTEGERS, 16);
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        for (int run = 0; run < 8; run++) {
            int half = run / 4;
            int j = run % 4;
            for (int i = 0; i < 32; i += Long.BYTES) {
                long low = LittleEndian.int64(source, at + 64 * half + 32 * (j % 2) + i) >>> 4 * (j / 2)
                        & LittleEndian.NIBBLES;
                long upper = LittleEndian.int64(source, at + UPPER + 32 * half + i) >>> 2 * j & PAIRS;
                LittleEndian.setInt64(codes, 32 * run + i, low | upper << 4);
            }
        }
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        for (int half = 0; half < 2; half++) {
            for (int i = 0; i < 64; i++) {
                target[at + 64 * half + i] = (byte) (codes[128 * half + i] & 15 | codes[128 * half + 64 + i] << 4);
            }
            for (int i = 0; i < 32; i++) {
                int bits = 0;
                for (int j = 0; j < 4; j++) {
                    bits |= (codes[128 * half + 32 * j + i] >> 4 & 3) << 2 * j;
                }
                target[at + UPPER + 32 * half + i] = (byte) bits;
            }
        }
    }
}
