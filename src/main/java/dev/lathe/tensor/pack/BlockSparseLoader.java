package dev.lathe.tensor.pack;

import dev.lathe.tensor.BlockMask;
import dev.lathe.tensor.BlockSparseLinear;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.SegmentSource;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Packs the weights of a block-sparse layer, a stripe of 64 outputs at a time. */
public final class BlockSparseLoader {
    private BlockSparseLoader() {}

    /**
     * Reads the present blocks.
     *
     * @param name by which the store knows the tensor
     * @param type how they are encoded; its blocks divide the mask's
     * @param mask which are present
     * @param source the present blocks in the order of their numbers, each {@value BlockMask#ROWS} rows of the mask's columns
     * @param store where the packed weights are; it must stay open as long as the layer is used
     * @throws IllegalArgumentException if the type has no kernel or the sizes are not whole blocks
     * @throws IOException if the source cannot be read
     */
    public static BlockSparseLinear pack(
            String name,
            TensorType type,
            BlockMask mask,
            SegmentSource source,
            WeightStore store,
            Workers workers,
            KernelSet kernels)
            throws IOException {
        long rowBytes = type.byteCount(mask.columns());
        TiledLinear[] stripes = new TiledLinear[mask.stripeCount()];
        long block = 0;
        for (int stripe = 0; stripe < stripes.length; stripe++) {
            int present = mask.presentIn(stripe).length;
            if (present > 0) {
                long first = block * BlockMask.ROWS * rowBytes;
                int rows = Math.min(BlockMask.ROWS, mask.outputSize() - stripe * BlockMask.ROWS);
                stripes[stripe] = LinearLoader.pack(
                        name + " stripe " + stripe,
                        type,
                        rows,
                        present * mask.columns(),
                        (byteOffset, byteCount, arena) -> {
                            MemorySegment blocks = source.map(first, present * BlockMask.ROWS * rowBytes, arena);
                            MemorySegment sideBySide = sideBySide(blocks, present, rowBytes);
                            return sideBySide.asSlice(byteOffset, byteCount);
                        },
                        store,
                        workers,
                        kernels);
            }
            block += present;
        }
        return new BlockSparseLinear(type, mask, stripes);
    }

    /** Blocks one after the other, each row after row, become rows of all blocks. */
    private static MemorySegment sideBySide(MemorySegment blocks, int count, long rowBytes) {
        MemorySegment rows = MemorySegment.ofArray(new byte[Math.toIntExact(blocks.byteSize())]);
        for (int block = 0; block < count; block++) {
            for (int row = 0; row < BlockMask.ROWS; row++) {
                long from = ((long) block * BlockMask.ROWS + row) * rowBytes;
                long to = ((long) row * count + block) * rowBytes;
                MemorySegment.copy(blocks, from, rows, to, rowBytes);
            }
        }
        return rows;
    }
}
