package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/** A codec of blocks whose elements are looked up several at a time; decoded only. */
abstract class CodebookCodec extends BlockwiseCodec {
    private final Codebook codebook;

    CodebookCodec(TensorType type, Codebook codebook) {
        super(type);
        this.codebook = codebook;
    }

    @Override
    final BlockEncoder newEncoder() {
        return null;
    }

    /** An entry times a scale; bit {@code i} of the signs negates element {@code i}. */
    final void signed(int entry, float scale, int signs, float[] target, int at) {
        for (int i = 0; i < codebook.length(); i++) {
            float value = scale * codebook.element(entry, i);
            target[at + i] = (signs >> i & 1) == 0 ? value : -value;
        }
    }

    /** An entry plus a shift, times a scale. */
    final void shifted(int entry, float scale, float shift, float[] target, int at) {
        for (int i = 0; i < codebook.length(); i++) {
            target[at + i] = scale * (codebook.element(entry, i) + shift);
        }
    }

    /** Eight signs of which seven are stored: the number of negated elements is even. */
    static int evenSigns(int seven) {
        return seven & 127 | (Integer.bitCount(seven & 127) & 1) << 7;
    }
}
