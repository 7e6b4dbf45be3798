package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * Q3_K: 32 bytes of third bits (bit {@code b} of byte {@code i}: element {@code 32 b + i}), the {@link TwoBitPlane}, 12 bytes of
 * sixteen scales of six bits plus 32, a scale of 16 bits.
 */
final class ThreeBitSuperLayout extends SymmetricSuperLayout {
    private static final int CODES = 32;
    private static final int INTEGERS = 96;

    ThreeBitSuperLayout() {
        super(TensorType.Q3_K, 16, integers(-4, 3), 108, -32);
    }

    @Override
    public int scale(byte[] source, int at, int group) {
        int low = source[at + INTEGERS + group % 8] >> 4 * (group / 8) & 15;
        int high = source[at + INTEGERS + 8 + group % 4] >> 2 * (group / 4) & 3;
        return (low | high << 4) - 32;
    }

    @Override
    void writeIntegers(byte[] scales, byte[] target, int at) {
        for (int i = 0; i < 8; i++) {
            target[at + INTEGERS + i] = (byte) (scales[i] + 32 & 15 | (scales[i + 8] + 32 & 15) << 4);
        }
        for (int i = 0; i < 4; i++) {
            int bits = 0;
            for (int j = 0; j < 4; j++) {
                bits |= (scales[4 * j + i] + 32 >> 4) << 2 * j;
            }
            target[at + INTEGERS + 8 + i] = (byte) bits;
        }
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        TwoBitPlane.read(source, at + CODES, codes);
        for (int i = 0; i < 256; i++) {
            codes[i] |= (byte) ((source[at + i % 32] >> i / 32 & 1) << 2);
        }
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        TwoBitPlane.write(codes, target, at + CODES);
        for (int i = 0; i < 32; i++) {
            int bits = 0;
            for (int j = 0; j < 8; j++) {
                bits |= (codes[32 * j + i] >> 2 & 1) << j;
            }
            target[at + i] = (byte) bits;
        }
    }
}
