package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/** IQ1_S and IQ1_M: entries of eight times -1, 0 or 1, all shifted by an eighth up or down. */
final class OneBitCodebookCodec extends CodebookCodec {
    private static final float SHIFT = 0.125f;

    OneBitCodebookCodec(TensorType type, Codebook codebook) {
        super(type, codebook);
    }

    @Override
    void decodeBlock(byte[] source, int at, float[] target, int to) {
        for (int run = 0; run < 8; run++) { // of 32 elements
            if (type() == TensorType.IQ1_S) {
                decodeWithOneScale(source, at, run, target, to + 32 * run);
            } else {
                decodeWithTwoScales(source, at, run, target, to + 32 * run);
            }
        }
    }

    /** Low bytes of codes; for each run 16 bits: four times three upper bits, a scale of three bits, the shift's sign. */
    private void decodeWithOneScale(byte[] source, int at, int run, float[] target, int to) {
        int bits = LittleEndian.int16(source, at + 34 + 2 * run);
        float scale = LittleEndian.half(source, at) * (2 * (bits >> 12 & 7) + 1);
        float shift = (bits & 0x8000) == 0 ? SHIFT : -SHIFT;
        for (int i = 0; i < 4; i++) {
            int code = source[at + 2 + 4 * run + i] & 0xff | (bits >> 3 * i & 7) << 8;
            shifted(code, scale, shift, target, to + 8 * i);
        }
    }

    /**
     * Low bytes of codes; nibbles of three upper bits and the shift's sign; four times 16 bits, of which twelve are four scales
     * of three bits and the upper four are a quarter of the scale of all.
     */
    private void decodeWithTwoScales(byte[] source, int at, int run, float[] target, int to) {
        int half = 0;
        for (int i = 0; i < 4; i++) {
            half |= LittleEndian.int16(source, at + 48 + 2 * i) >> 12 << 4 * i;
        }
        float scale = Float.float16ToFloat((short) half);
        int scales = LittleEndian.int16(source, at + 48 + 2 * (run / 2)) >> 6 * (run % 2);
        for (int i = 0; i < 4; i++) {
            int nibble = source[at + 32 + 2 * run + i / 2] >> 4 * (i % 2);
            int code = source[at + 4 * run + i] & 0xff | (nibble & 7) << 8;
            float halfScale = scale * (2 * (scales >> 3 * (i / 2) & 7) + 1);
            shifted(code, halfScale, (nibble & 8) == 0 ? SHIFT : -SHIFT, target, to + 8 * i);
        }
    }
}
