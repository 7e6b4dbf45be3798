package dev.lathe.tensor.codec;

/** Encodes block after block; used by one thread at a time. */
@FunctionalInterface
interface BlockEncoder {
    /** Encodes one block of checked elements; the importances are null or those of its elements. */
    void encode(float[] source, int sourceOffset, float[] importances, int importanceOffset, byte[] target, int at);
}
