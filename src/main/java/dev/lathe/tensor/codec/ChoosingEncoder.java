package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * Encodes plainly without importances; with them, both plainly and by a search, and keeps what has the smaller weighted error.
 * So importances never make the error that they weigh larger.
 */
final class ChoosingEncoder implements BlockEncoder {
    private final TensorType type;
    private final BlockEncoder plain;
    private final BlockEncoder searching;
    private final byte[] searched;
    private final float[] decoded;

    ChoosingEncoder(TensorType type, BlockEncoder plain, BlockEncoder searching) {
        this.type = type;
        this.plain = plain;
        this.searching = searching;
        this.searched = new byte[type.blockBytes()];
        this.decoded = new float[type.blockSize()];
    }

    @Override
    public void encode(float[] source, int from, float[] importances, int importanceFrom, byte[] target, int at) {
        plain.encode(source, from, null, 0, target, at);
        if (importances == null) {
            return;
        }
        searching.encode(source, from, importances, importanceFrom, searched, 0);
        double plainError = error(source, from, importances, importanceFrom, target, at);
        if (error(source, from, importances, importanceFrom, searched, 0) < plainError) {
            System.arraycopy(searched, 0, target, at, searched.length);
        }
    }

    private double error(float[] source, int from, float[] importances, int importanceFrom, byte[] block, int at) {
        BlockCodec.of(type).decode(block, at, decoded, 0, decoded.length);
        double error = 0;
        for (int i = 0; i < decoded.length; i++) {
            double difference = (double) source[from + i] - decoded[i];
            error += importances[importanceFrom + i] * difference * difference;
        }
        return error;
    }
}
