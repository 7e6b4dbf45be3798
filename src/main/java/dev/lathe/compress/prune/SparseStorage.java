package dev.lathe.compress.prune;

import dev.lathe.compress.ModelEdit;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.GroupSparseLinear;
import dev.lathe.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Puts what is left of a matrix in its place, in the forms of {@link LatheFormat}; absent weights take no bytes. */
final class SparseStorage {
    /** Rows of kept weights are whole words of their columns. */
    private static final int GROUPED_COLUMNS = 16;

    private SparseStorage() {}

    /** Keeps the present blocks of a matrix, in its type where that is one of plain numbers, else as F16. */
    static void putBlocks(ModelEdit model, String name, FloatMatrix matrix, BlockMask mask) {
        TensorType type = model.plainType(name);
        FloatMatrix blocks = FloatMatrix.zeros(mask.presentCount() * BlockMask.ROWS, mask.columns());
        byte[] bits = new byte[mask.blockCount()];
        int row = 0;
        for (int stripe = 0; stripe < mask.stripeCount(); stripe++) {
            for (int block : mask.presentIn(stripe)) {
                bits[stripe * mask.blocksPerStripe() + block] = 1;
                int from = stripe * BlockMask.ROWS;
                for (int i = from; i < Math.min(from + BlockMask.ROWS, matrix.rows()); i++) {
                    int source = matrix.offset(i) + block * mask.columns();
                    System.arraycopy(
                            matrix.data(), source, blocks.data(), blocks.offset(row + i - from), mask.columns());
                }
                row += BlockMask.ROWS;
            }
        }
        model.remove(name);
        model.putMatrix(LatheFormat.blocks(name), blocks, type);
        model.put(
                LatheFormat.blockMask(name),
                TensorType.I8,
                List.of((long) mask.blocksPerStripe(), (long) mask.stripeCount()),
                MemorySegment.ofArray(bits));
        model.setMetadata(LatheFormat.leaveShape(model.metadata()));
    }

    /**
     * Keeps so many of every four neighbouring weights, as F16.
     *
     * @param kept 1 to 3; as many weights of each group that are zero are left out
     * @throws IllegalArgumentException if rows are no multiple of {@value #GROUPED_COLUMNS}, so that no file could be read
     */
    static void putGroups(ModelEdit model, String name, FloatMatrix matrix, int kept) {
        if (matrix.columns() % GROUPED_COLUMNS != 0) {
            throw new IllegalArgumentException("tensor " + name + " has rows of " + matrix.columns()
                    + ": groups without zeros need a multiple of " + GROUPED_COLUMNS + "; leave compact() away");
        }
        int stored = matrix.columns() / GroupSparseLinear.GROUP * kept;
        ByteBuffer values =
                ByteBuffer.allocate(matrix.rows() * stored * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        byte[] places = new byte[matrix.rows() * stored / 4];
        int at = 0;
        for (int group = 0; group < matrix.rows() * matrix.columns(); group += GroupSparseLinear.GROUP) {
            int zerosToSkip = GroupSparseLinear.GROUP - kept;
            for (int i = 0; i < GroupSparseLinear.GROUP; i++) {
                float weight = matrix.data()[group + i];
                if (weight == 0 && zerosToSkip > 0) {
                    zerosToSkip--;
                } else {
                    values.putShort(Float.floatToFloat16(weight));
                    places[at / 4] |= (byte) (i << 2 * (at % 4));
                    at++;
                }
            }
        }
        model.remove(name);
        model.put(
                LatheFormat.keptValues(name),
                TensorType.F16,
                List.of((long) stored, (long) matrix.rows()),
                MemorySegment.ofArray(values.array()));
        model.put(
                LatheFormat.keptColumns(name),
                TensorType.I8,
                List.of(stored / 4L, (long) matrix.rows()),
                MemorySegment.ofArray(places));
        model.setMetadata(LatheFormat.leaveShape(model.metadata()));
    }
}
