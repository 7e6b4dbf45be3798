package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/** IQ2_XXS, IQ2_XS and IQ2_S: entries of eight magnitudes, with their signs. */
final class TwoBitCodebookCodec extends CodebookCodec {
    TwoBitCodebookCodec(TensorType type, Codebook codebook) {
        super(type, codebook);
    }

    @Override
    void decodeBlock(byte[] source, int at, float[] target, int to) {
        float scale = LittleEndian.half(source, at);
        for (int run = 0; run < 8; run++) { // of 32 elements
            switch (type()) {
                case IQ2_XXS -> decodeWords(scale, source, at + 2 + 8 * run, target, to + 32 * run);
                case IQ2_XS -> decodeShorts(scale, source, at, run, target, to + 32 * run);
                default -> decodeBytes(scale, source, at, run, target, to + 32 * run);
            }
        }
    }

    /** Four bytes of codes; a word of four times seven signs and a scale of four bits. */
    private void decodeWords(float scale, byte[] source, int at, float[] target, int to) {
        int word = LittleEndian.int32(source, at + 4);
        float runScale = scaled(scale, word >>> 28);
        for (int i = 0; i < 4; i++) {
            signed(source[at + i] & 0xff, runScale, evenSigns(word >>> 7 * i), target, to + 8 * i);
        }
    }

    /** Four times nine bits of code and seven signs; after those of all runs, two scales of four bits for each run. */
    private void decodeShorts(float scale, byte[] source, int at, int run, float[] target, int to) {
        int scales = source[at + 66 + run];
        for (int i = 0; i < 4; i++) {
            int code = LittleEndian.int16(source, at + 2 + 8 * run + 2 * i);
            float halfScale = scaled(scale, scales >> 4 * (i / 2) & 15);
            signed(code & 511, halfScale, evenSigns(code >> 9), target, to + 8 * i);
        }
    }

    /** Low bytes of codes, all signs, two more bits of each code, two scales of four bits for each run. */
    private void decodeBytes(float scale, byte[] source, int at, int run, float[] target, int to) {
        int upper = source[at + 66 + run];
        int scales = source[at + 74 + run];
        for (int i = 0; i < 4; i++) {
            int code = source[at + 2 + 4 * run + i] & 0xff | (upper >> 2 * i & 3) << 8;
            float halfScale = scaled(scale, scales >> 4 * (i / 2) & 15);
            signed(code, halfScale, source[at + 34 + 4 * run + i], target, to + 8 * i);
        }
    }

    private static float scaled(float scale, int fourBits) {
        return scale * (0.5f + fourBits) * 0.25f;
    }
}
