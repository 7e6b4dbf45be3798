package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/** IQ3_XXS and IQ3_S: entries of four magnitudes, with their signs. */
final class ThreeBitCodebookCodec extends CodebookCodec {
    ThreeBitCodebookCodec(TensorType type, Codebook codebook) {
        super(type, codebook);
    }

    @Override
    void decodeBlock(byte[] source, int at, float[] target, int to) {
        float scale = LittleEndian.half(source, at);
        for (int run = 0; run < 8; run++) { // of 32 elements
            if (type() == TensorType.IQ3_XXS) {
                decodeWithSharedSigns(scale, source, at, run, target, to + 32 * run);
            } else {
                decodeWithAllSigns(scale, source, at, run, target, to + 32 * run);
            }
        }
    }

    /** Eight bytes of codes for each run; then for each a word of four times seven signs and a scale of four bits. */
    private void decodeWithSharedSigns(float scale, byte[] source, int at, int run, float[] target, int to) {
        int word = LittleEndian.int32(source, at + 66 + 4 * run);
        float runScale = scale * (0.5f + (word >>> 28)) * 0.5f;
        for (int i = 0; i < 8; i++) {
            int signs = evenSigns(word >>> 7 * (i / 2)) >> 4 * (i % 2);
            signed(source[at + 2 + 8 * run + i] & 0xff, runScale, signs, target, to + 4 * i);
        }
    }

    /** Low bytes of codes, the ninth bits, all signs, a scale of four bits for each run. */
    private void decodeWithAllSigns(float scale, byte[] source, int at, int run, float[] target, int to) {
        int fourBits = source[at + 106 + run / 2] >> 4 * (run % 2) & 15;
        float runScale = scale * (1 + 2 * fourBits);
        for (int i = 0; i < 8; i++) {
            int ninth = source[at + 66 + run] >> i & 1;
            int signs = source[at + 74 + 4 * run + i / 2] >> 4 * (i % 2);
            signed(source[at + 2 + 8 * run + i] & 0xff | ninth << 8, runScale, signs, target, to + 4 * i);
        }
    }
}
