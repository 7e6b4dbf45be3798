package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.ScalePlane;
import dev.lathe.tensor.kernel.TileLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Products of many rows as machine code: some blocks of a tile are unpacked once and multiplied with all rows, panel by panel. How
 * many blocks and tiles is found out by {@link Trials}. Checks nothing itself: {@link MachineProduct} does.
 */
final class UnpackedProduct {
    private static final int ROWS = IntegerPlane.ROWS;
    private static final int BLOCK = IntegerPlane.BLOCK;
    /** Products of one call: as much as keeps a garbage collector waiting for some ten microseconds. */
    private static final long PRODUCTS_OF_CALL = 4 << 20;

    private final TileLayout layout;
    private final ByteDot dot;
    private final PanelForm form;
    private final int panelRows;
    private final Routines first;
    private final Routines others;
    private final Routines unpack;
    private final Routines callList;
    private final Trials trials;

    /**
     * Products with one layout.
     *
     * @param dot how quads are multiplied
     * @param form how activations lie
     * @param callList writes the loop over calls
     * @param trials chooses how many blocks and tiles
     */
    UnpackedProduct(
            Target target,
            TileLayout layout,
            ByteDot dot,
            PanelForm form,
            Routines callList,
            Trials trials,
            CodeMemory memory) {
        this.layout = layout;
        this.dot = dot;
        this.form = form;
        panelRows = ProductCode.mostUnpackedRows(target);
        this.callList = callList;
        this.trials = trials;
        ProductCode code = new ProductCode(target, layout, dot, form);
        first = new Routines(panelRows, rows -> code.unpacked(rows, true), memory);
        others = new Routines(panelRows, rows -> code.unpacked(rows, false), memory);
        unpack = new Routines(0, _ -> code.unpack(), memory);
    }

    /** As {@link dev.lathe.tensor.kernel.ProductKernel#multiply}, of rows in panels. */
    void multiply(
            MemorySegment weights,
            int blocks,
            int outputs,
            int fromTile,
            int toTile,
            MemorySegment panels,
            int fromRow,
            int toRow,
            float[] out,
            int stride) {
        if (!weights.isNative()) {
            throw new IllegalArgumentException("machine code reads weights outside of the heap; got " + weights);
        }
        long products = (long) (toRow - fromRow) * (toTile - fromTile) * ROWS * blocks * BLOCK;
        trials.run(products, shape -> {
            int rows = toRow - fromRow;
            int together = Math.min(shape.tiles(), toTile - fromTile);
            int unpackedBlocks = Math.min(shape.blocks() / dot.valueBytes(), blocks); // words take twice the memory
            float[] totals = new float[together * rows * ROWS];
            long tileBytes = layout.tileBytes(blocks);
            try (Arena arena = Arena.ofConfined()) {
                long unpackedBytes = (long) unpackedBlocks * UnpackedTile.blockBytes(layout, dot);
                long unpacked = arena.allocate(unpackedBytes, 64).address(); // whole lines of the cache
                Calls calls = new Calls(
                        new CallList(callList.get(0)),
                        weights,
                        panels.asSlice((long) form.blockBytes(fromRow) * blocks),
                        totals,
                        out,
                        rows,
                        blocks,
                        unpackedBlocks,
                        unpacked);
                for (int firstTile = fromTile; firstTile < toTile; firstTile += together) {
                    int end = Math.min(toTile, firstTile + together);
                    for (int block = 0; block < blocks; block += unpackedBlocks) {
                        for (int tile = firstTile; tile < end; tile++) {
                            calls.unpack(tile * tileBytes, block);
                            int sums = (tile - firstTile) * rows * ROWS;
                            if (block + unpackedBlocks >= blocks && (tile + 1) * ROWS <= outputs) {
                                int at = fromRow * stride + tile * ROWS;
                                calls.add(block, sums, CallList.Base.THIRD, at, stride);
                            } else {
                                calls.add(block, sums, CallList.Base.SECOND, sums, ROWS);
                            }
                        }
                    }
                    calls.run();
                    if (end * ROWS > outputs) {
                        int sums = (end - 1 - firstTile) * rows * ROWS;
                        int at = fromRow * stride + (end - 1) * ROWS;
                        MachineProduct.copy(totals, sums, rows, out, stride, at, outputs - (end - 1) * ROWS);
                    }
                }
            }
        });
    }

    /** What is called for some rows; short enough to be called at once. */
    private final class Calls {
        private final CallList list;
        private final MemorySegment weights;
        private final MemorySegment panels;
        private final MemorySegment totals;
        private final MemorySegment out;
        private final int rows;
        private final int blocks;
        private final int unpackedBlocks;
        private final long unpacked;
        private long products;

        /** Calls for weights, panels, sums that go on, results, and memory for unpacked blocks. */
        Calls(
                CallList list,
                MemorySegment weights,
                MemorySegment panels,
                float[] totals,
                float[] out,
                int rows,
                int blocks,
                int unpackedBlocks,
                long unpacked) {
            this.list = list;
            this.weights = weights;
            this.panels = panels;
            this.totals = MemorySegment.ofArray(totals);
            this.out = MemorySegment.ofArray(out);
            this.rows = rows;
            this.blocks = blocks;
            this.unpackedBlocks = unpackedBlocks;
            this.unpacked = unpacked;
        }

        /** Unpacks some blocks of a tile, those of each super-block by a call of their own. */
        void unpack(long tile, int block) {
            int end = Math.min(block + unpackedBlocks, blocks);
            for (int from = block; from < end; from += ScalePlane.SUPER_BLOCKS) {
                long scales = layout.scalesOffset(from);
                list.call(unpack.get(0))
                        .at(CallList.Base.NONE, 0)
                        .at(CallList.Base.NONE, 0)
                        .at(CallList.Base.NONE, unpacked + (long) (from - block) * UnpackedTile.blockBytes(layout, dot))
                        .at(CallList.Base.NONE, weights.address() + tile + scales)
                        .numbers(
                                scales - layout.superScalesOffset(from),
                                Math.min(ScalePlane.SUPER_BLOCKS, end - from),
                                0,
                                0);
            }
        }

        /** Adds the unpacked blocks times all rows to the sums, and puts what they become to an array, from a place on. */
        void add(int block, int sums, CallList.Base base, int at, int stride) {
            int whole = rows / panelRows * panelRows;
            int rowProducts = Math.min(unpackedBlocks, blocks - block) * BLOCK * ROWS;
            int together = Math.max(1, (int) (PRODUCTS_OF_CALL / rowProducts / panelRows)) * panelRows;
            for (int row = 0, next; row < rows; row = next) {
                next = row < whole ? Math.min(row + together, whole) : rows;
                addRows(block, row, next, sums, base, at, stride);
                products += (long) rowProducts * (next - row);
                if (products >= PRODUCTS_OF_CALL) {
                    run();
                }
            }
        }

        /** The rows of some whole panels, or of the last one that has fewer. */
        private void addRows(int block, int from, int to, int sums, CallList.Base base, int at, int stride) {
            int height = Math.min(panelRows, to - from);
            int blockBytes = form.blockBytes(height);
            long panel = (long) form.blockBytes(from) * blocks;
            list.call((block == 0 ? first : others).get(height))
                    .at(CallList.Base.FIRST, panel + (long) block * blockBytes)
                    .at(CallList.Base.SECOND, 4L * (sums + from * ROWS))
                    .at(CallList.Base.NONE, unpacked)
                    .at(base, 4L * (at + (long) from * stride))
                    .numbers(
                            (to - from) / height,
                            Math.min(unpackedBlocks, blocks - block),
                            (long) blocks * blockBytes,
                            4L * stride);
        }

        void run() {
            list.run(panels, totals, out, weights);
            products = 0;
        }
    }
}
