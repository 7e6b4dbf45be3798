package dev.lathe.tensor.kernel;

import java.lang.foreign.MemorySegment;

/** Products of tiles of which only some weights are stored, or only some columns are needed. Thread-safe. */
public interface SparseKernels {
    /**
     * A tile of 64 rows times one row of activations: for each output one chain of fused multiply-adds in the order of the
     * columns.
     *
     * @param weights a tile as {@link GroupSparseProduct} packs it, from {@code tile} on
     * @param chunks of 16 columns
     * @param kept weights of every four columns
     * @param x activations, of which {@code 16 * chunks} from {@code xOffset} on are read
     * @param out results, 64
     */
    void groupRow(MemorySegment weights, long tile, int chunks, int kept, float[] x, int xOffset, float[] out);

    /**
     * A tile of plain numbers times the elements of one row of activations that are not zero: for each output one chain of
     * fused multiply-adds in the order of the columns.
     *
     * @param weights all tiles
     * @param tile where the tile begins
     * @param x activations, which are multiplied by {@link FloatPlane#scale} already
     * @param out results, 64
     */
    void activeRow(FloatPlane plane, MemorySegment weights, long tile, ActiveColumns x, float[] out);
}
