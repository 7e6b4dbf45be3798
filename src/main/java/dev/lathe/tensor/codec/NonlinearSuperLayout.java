package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * IQ4_XS: a scale of 16 bits, eight scales of six bits plus 32 (upper two bits in two bytes, low nibbles in four), then for each
 * group 16 bytes of nibbles as in IQ4_NL, with its levels.
 */
final class NonlinearSuperLayout extends SymmetricSuperLayout {
    private static final int UPPER = 2;
    private static final int LOW = 4;
    private static final int NIBBLES = 8;

    NonlinearSuperLayout(float[] levels) {
        super(TensorType.IQ4_XS, 32, levels, 0, -32);
    }

    @Override
    public int scale(byte[] source, int at, int group) {
        int low = source[at + LOW + group / 2] >> 4 * (group % 2) & 15;
        int upper = LittleEndian.int16(source, at + UPPER) >> 2 * group & 3;
        return (low | upper << 4) - 32;
    }

    @Override
    void writeIntegers(byte[] scales, byte[] target, int at) {
        int upper = 0;
        for (int group = 0; group < 8; group++) {
            upper |= (scales[group] + 32 >> 4) << 2 * group;
        }
        LittleEndian.setInt16(target, at + UPPER, upper);
        for (int i = 0; i < 4; i++) {
            target[at + LOW + i] = (byte) (scales[2 * i] + 32 & 15 | (scales[2 * i + 1] + 32 & 15) << 4);
        }
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        for (int group = 0; group < 8; group++) {
            for (int i = 0; i < 16; i++) {
                int pair = source[at + NIBBLES + 16 * group + i];
                codes[32 * group + i] = (byte) (pair & 15);
                codes[32 * group + 16 + i] = (byte) (pair >> 4 & 15);
            }
        }
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        for (int group = 0; group < 8; group++) {
            for (int i = 0; i < 16; i++) {
                target[at + NIBBLES + 16 * group + i] =
                        (byte) (codes[32 * group + i] & 15 | codes[32 * group + 16 + i] << 4);
            }
        }
    }
}
