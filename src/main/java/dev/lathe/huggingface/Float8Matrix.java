package dev.lathe.huggingface;

import dev.lathe.safetensors.ElementType;
import dev.lathe.safetensors.Safetensors;
import dev.lathe.safetensors.StoredTensor;
import dev.lathe.text.json.JsonException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A matrix of FP8 numbers (E4M3) with a factor for all of them, for each row or for each block: read as the products in F32.
 * Micikevicius et al., "FP8 Formats for Deep Learning", 2022, arXiv 2209.05433, section 3.
 *
 * @param codes the numbers, [rows x columns]
 * @param scales the factors, [rows of blocks x columns of blocks]
 * @param blockRows rows of a block
 * @param blockColumns columns of a block
 */
record Float8Matrix(StoredTensor codes, StoredTensor scales, long blockRows, long blockColumns) {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final float SMALLEST = 0x1p-9f; // of numbers without the leading bit
    private static final int NOT_A_NUMBER = 0x7F;

    /**
     * A matrix with its factors.
     *
     * @param blockSize rows and columns of blocks as the configuration has them; empty if it has none
     */
    static Float8Matrix of(StoredTensor codes, StoredTensor scales, List<Long> blockSize) {
        if (codes.shape().size() != 2) {
            throw new JsonException("tensor " + codes.name() + " is " + codes.type() + " and has "
                    + codes.shape().size() + " axes, expected a matrix");
        }
        List<Long> factors = scales.shape();
        long rows = factors.isEmpty() ? 1 : factors.getFirst();
        long columns = factors.size() < 2 ? 1 : factors.get(1);
        Float8Matrix matrix = new Float8Matrix(
                codes,
                scales,
                blockLength(codes.shape().get(0), rows, blockSize, 0),
                blockLength(codes.shape().get(1), columns, blockSize, 1));
        if (factors.size() > 2 || matrix.blockRows == 0 || matrix.blockColumns == 0) {
            throw new JsonException("tensor " + codes.name() + " is " + codes.shape() + ", its factors are " + factors
                    + "; expected is one for all, for each row or for each block of 'weight_block_size' " + blockSize);
        }
        return matrix;
    }

    /** How many elements share a factor along an axis; 0 if the numbers do not fit. */
    private static long blockLength(long length, long factors, List<Long> blockSize, int axis) {
        if (factors == 1) {
            return Math.max(1, length);
        }
        if (factors == length) {
            return 1;
        }
        long size = blockSize.isEmpty() ? 0 : blockSize.get(axis);
        return size > 0 && Math.ceilDiv(length, size) == factors ? size : 0;
    }

    /** The tensor as it is read. */
    StoredTensor asFloats() {
        return new StoredTensor(
                codes.name(),
                ElementType.F32,
                codes.shape(),
                codes.byteOffset(),
                Math.multiplyExact(codes.byteCount(), (long) Float.BYTES),
                codes.fileIndex());
    }

    /** Some of the products, by their bytes: whole numbers. */
    MemorySegment map(Safetensors files, long byteOffset, long byteCount, Arena arena) throws IOException {
        long from = byteOffset / Float.BYTES;
        long end = from + byteCount / Float.BYTES;
        long columns = codes.shape().get(1);
        long blocksInRow = Math.ceilDiv(columns, blockColumns);
        MemorySegment result = arena.allocate(byteCount, Long.BYTES);
        try (Arena reading = Arena.ofConfined()) {
            MemorySegment bytes = files.map(codes, from, end - from, reading);
            MemorySegment factors = files.map(scales, 0, scales.byteCount(), reading);
            for (long i = from; i < end; ) {
                long column = i % columns;
                long last = Math.min(end, i - column + Math.min(columns, (column / blockColumns + 1) * blockColumns));
                float scale = FolderTensor.number(
                        factors, scales, i / columns / blockRows * blocksInRow + column / blockColumns);
                for (; i < last; i++) {
                    float value = value(bytes.get(ValueLayout.JAVA_BYTE, i - from));
                    result.set(FLOAT, (i - from) * Float.BYTES, value * scale);
                }
            }
        }
        return result;
    }

    /** A sign, four bits of an exponent with a bias of 7, three of a fraction; no infinity. */
    static float value(byte code) {
        int magnitude = code & NOT_A_NUMBER;
        if (magnitude == NOT_A_NUMBER) {
            return Float.NaN;
        }
        int exponent = magnitude >> 3;
        int fraction = magnitude & 7;
        float value = exponent == 0 ? fraction * SMALLEST : Math.scalb(8f + fraction, exponent - 10);
        return code < 0 ? -value : value;
    }
}
