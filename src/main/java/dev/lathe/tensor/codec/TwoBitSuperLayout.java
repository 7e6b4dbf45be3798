package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/** Q2_K: 16 bytes of a scale and a minimum of four bits each, the {@link TwoBitPlane}, two scales of 16 bits. */
final class TwoBitSuperLayout extends AffineSuperLayout {
    private static final int CODES = 16;

    TwoBitSuperLayout() {
        super(TensorType.Q2_K, 16, 2, 80, 15);
    }

    @Override
    public int scale(byte[] source, int at, int group) {
        return source[at + group] & 15;
    }

    @Override
    public int minimum(byte[] source, int at, int group) {
        return source[at + group] >> 4 & 15;
    }

    @Override
    void writeIntegers(byte[] scales, byte[] minima, byte[] target, int at) {
        for (int group = 0; group < 16; group++) {
            target[at + group] = (byte) (scales[group] | minima[group] << 4);
        }
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        TwoBitPlane.read(source, at + CODES, codes);
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        TwoBitPlane.write(codes, target, at + CODES);
    }
}
