package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;
import java.util.Objects;

/** A codec of block after block; checks what callers pass. */
abstract class BlockwiseCodec implements BlockCodec {
    private final TensorType type;

    BlockwiseCodec(TensorType type) {
        this.type = type;
    }

    /** Decodes the block at a byte. */
    abstract void decodeBlock(byte[] source, int at, float[] target, int targetOffset);

    /** A new encoder, with memory of its own; null if the type is decoded only. */
    abstract BlockEncoder newEncoder();

    @Override
    public final TensorType type() {
        return type;
    }

    @Override
    public final void decode(byte[] source, int sourceOffset, float[] target, int targetOffset, int count) {
        int bytes = Math.toIntExact(type.byteCount(count));
        Objects.checkFromIndexSize(sourceOffset, bytes, source.length);
        Objects.checkFromIndexSize(targetOffset, count, target.length);
        int at = sourceOffset;
        for (int i = 0; i < count; i += type.blockSize(), at += type.blockBytes()) {
            decodeBlock(source, at, target, targetOffset + i);
        }
    }

    @Override
    public final boolean encodes() {
        return newEncoder() != null;
    }

    @Override
    public final void encode(
            float[] source,
            int sourceOffset,
            float[] importances,
            int importanceOffset,
            byte[] target,
            int targetOffset,
            int count) {
        BlockEncoder encoder = newEncoder();
        if (encoder == null) {
            throw new UnsupportedOperationException(type + " is decoded only; encode one of " + Codecs.encodable());
        }
        int bytes = Math.toIntExact(type.byteCount(count));
        Objects.checkFromIndexSize(targetOffset, bytes, target.length);
        requireFinite(source, sourceOffset, count);
        if (importances != null) {
            requireImportances(importances, importanceOffset, count);
        }
        int at = targetOffset;
        for (int i = 0; i < count; i += type.blockSize(), at += type.blockBytes()) {
            encoder.encode(source, sourceOffset + i, importances, importanceOffset + i, target, at);
        }
    }

    private void requireFinite(float[] source, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, source.length);
        int greatest = 0;
        for (int i = offset; i < offset + count; i++) {
            greatest = Math.max(greatest, Float.floatToRawIntBits(source[i]) & Integer.MAX_VALUE);
        }
        if (greatest >= Float.floatToRawIntBits(Float.POSITIVE_INFINITY)) {
            for (int i = offset; i < offset + count; i++) {
                if (!Float.isFinite(source[i])) {
                    throw new IllegalArgumentException("encoding " + type + ": element " + i + " is " + source[i]
                            + ", expected finite numbers; the weights are damaged or were converted from a wider type");
                }
            }
        }
    }

    private void requireImportances(float[] importances, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, importances.length);
        for (int i = offset; i < offset + count; i++) {
            if (!(importances[i] >= 0) || importances[i] == Float.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("encoding " + type + ": importance " + i + " is " + importances[i]
                        + ", expected finite numbers not below zero");
            }
        }
    }
}
