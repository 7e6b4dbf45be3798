package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * Q4_K and Q5_K: two scales of 16 bits, 12 bytes of eight scales and eight minima of six bits, in Q5_K 32 bytes of fifth bits
 * (bit {@code g} of byte {@code i}: element {@code i} of group {@code g}), then 32 bytes for two groups at a time, low nibbles
 * the first.
 */
final class FourFiveBitSuperLayout extends AffineSuperLayout {
    private static final int INTEGERS = 4;
    private static final int FIFTH_BITS = 16;
    private static final long LOWEST_BITS = 0x0101010101010101L;

    private final boolean five;
    private final int nibblesAt;

    FourFiveBitSuperLayout(TensorType type) {
        super(type, 32, type == TensorType.Q5_K ? 5 : 4, 0, 63);
        five = type == TensorType.Q5_K;
        nibblesAt = five ? 48 : 16;
    }

    @Override
    public int scale(byte[] source, int at, int group) {
        int bytes = at + INTEGERS;
        return group < 4
                ? source[bytes + group] & 63
                : source[bytes + group + 4] & 15 | (source[bytes + group - 4] >> 6 & 3) << 4;
    }

    @Override
    public int minimum(byte[] source, int at, int group) {
        int bytes = at + INTEGERS;
        return group < 4
                ? source[bytes + group + 4] & 63
                : source[bytes + group + 4] >> 4 & 15 | (source[bytes + group] >> 6 & 3) << 4;
    }

    @Override
    void writeIntegers(byte[] scales, byte[] minima, byte[] target, int at) {
        int bytes = at + INTEGERS;
        for (int group = 0; group < 4; group++) {
            target[bytes + group] = (byte) (scales[group] | scales[group + 4] >> 4 << 6);
            target[bytes + group + 4] = (byte) (minima[group] | minima[group + 4] >> 4 << 6);
            target[bytes + group + 8] = (byte) (scales[group + 4] & 15 | minima[group + 4] << 4);
        }
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        for (int pair = 0; pair < 4; pair++) {
            for (int i = 0; i < 32; i += Long.BYTES) {
                LittleEndian.splitNibbles(
                        source, at + nibblesAt + 32 * pair + i, codes, 64 * pair + i, 64 * pair + 32 + i);
            }
        }
        for (int i = 0; five && i < 32; i += Long.BYTES) {
            long bits = LittleEndian.int64(source, at + FIFTH_BITS + i);
            for (int group = 0; group < 8; group++) {
                long codesOfGroup = LittleEndian.int64(codes, 32 * group + i);
                LittleEndian.setInt64(codes, 32 * group + i, codesOfGroup | (bits >>> group & LOWEST_BITS) << 4);
            }
        }
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        for (int pair = 0; pair < 4; pair++) {
            for (int i = 0; i < 32; i++) {
                target[at + nibblesAt + 32 * pair + i] =
                        (byte) (codes[64 * pair + i] & 15 | codes[64 * pair + 32 + i] << 4);
            }
        }
        for (int i = 0; five && i < 32; i++) {
            int bits = 0;
            for (int group = 0; group < 8; group++) {
                bits |= (codes[32 * group + i] >> 4 & 1) << group;
            }
            target[at + FIFTH_BITS + i] = (byte) bits;
        }
    }
}
