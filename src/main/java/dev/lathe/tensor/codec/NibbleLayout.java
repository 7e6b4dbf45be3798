package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * Blocks of 32 elements of four bits, or five: Q4_0, Q4_1, IQ4_NL, MXFP4, Q5_0 and Q5_1. A scale, perhaps a minimum, perhaps
 * the fifth bits of all elements, then 16 bytes: low nibbles are elements 0 to 15, high nibbles 16 to 31.
 */
final class NibbleLayout extends BlockLayout {
    static final int NIBBLES = 16;

    private final int fifthBitsAt;
    private final int nibblesAt;

    NibbleLayout(TensorType type, float[] levels) {
        super(type, 32, levels);
        nibblesAt = type.blockBytes() - NIBBLES;
        fifthBitsAt = levels.length == 32 ? nibblesAt - 4 : -1;
    }

    @Override
    public int scaleBits(byte[] source, int at, int index) {
        return type() == TensorType.MXFP4
                ? Mxfp4Encoder.scaleBits(source[at] & 0xff)
                : LittleEndian.int16(source, at + 2 * index);
    }

    @Override
    void readScales(byte[] source, int at, float[] scales, float[] minima) {
        switch (type()) {
            case MXFP4 -> scales[0] = Mxfp4Encoder.scale(source[at] & 0xff);
            case Q4_1, Q5_1 -> {
                scales[0] = LittleEndian.half(source, at);
                minima[0] = -LittleEndian.half(source, at + 2);
            }
            default -> scales[0] = LittleEndian.half(source, at);
        }
    }

    @Override
    public void readCodes(byte[] source, int at, byte[] codes) {
        for (int i = 0; i < NIBBLES; i += Long.BYTES) {
            LittleEndian.splitNibbles(source, at + nibblesAt + i, codes, i, NIBBLES + i);
        }
        if (fifthBitsAt >= 0) {
            int bits = LittleEndian.int32(source, at + fifthBitsAt);
            for (int i = 0; i < 32; i++) {
                codes[i] |= (byte) ((bits >>> i & 1) << 4);
            }
        }
    }

    @Override
    void writeCodes(byte[] codes, byte[] target, int at) {
        for (int i = 0; i < NIBBLES; i++) {
            target[at + nibblesAt + i] = (byte) (codes[i] & 15 | codes[NIBBLES + i] << 4);
        }
        if (fifthBitsAt >= 0) {
            int bits = 0;
            for (int i = 0; i < 32; i++) {
                bits |= (codes[i] >> 4 & 1) << i;
            }
            LittleEndian.setInt32(target, at + fifthBitsAt, bits);
        }
    }
}
