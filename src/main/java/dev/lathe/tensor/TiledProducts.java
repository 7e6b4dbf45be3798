package dev.lathe.tensor;

import dev.lathe.tensor.kernel.ProductKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * Products of tiled layers that one parallel region computes. Their tiles, or slices of the rows of a tile where there
 * are many rows, are shared out in parts that get smaller towards the end, so that all threads end together.
 */
final class TiledProducts {
    private static final int PARTS_A_THREAD = 4;
    /** Rows of a slice: enough to pay for unpacking a tile once more, and {@link ProductKernel#ROW_MULTIPLE} of them. */
    private static final int SLICE_ROWS = 4 * ProductKernel.ROW_MULTIPLE;

    private final List<Entry> entries = new ArrayList<>();
    private int slices;

    void add(TiledLinear layer, Activations input, FloatMatrix output) {
        Entry entry = new Entry(layer, input, output);
        entries.add(entry);
        slices += entry.sliceCount();
    }

    void run(Workers workers) {
        if (entries.isEmpty()) {
            return;
        }
        for (Entry entry : entries) {
            entry.layer.prepare(entry.input, workers);
        }
        int parts = workers.count() == 1 ? 1 : Math.min(slices, PARTS_A_THREAD * workers.count());
        workers.run(parts, part -> {
            int from = partStart(part, parts);
            int to = partStart(part + 1, parts);
            for (int i = 0; i < entries.size() && to > 0; i++) {
                Entry entry = entries.get(i);
                int count = entry.sliceCount();
                if (from < count) {
                    entry.apply(from, Math.min(count, to));
                }
                from = Math.max(0, from - count);
                to -= count;
            }
        });
    }

    /** The first slice of a part: part by part they get fewer, in a straight line. */
    private int partStart(int part, int parts) {
        long left = parts - part;
        return (int) (slices - slices * left * left / ((long) parts * parts));
    }

    private record Entry(TiledLinear layer, Activations input, FloatMatrix output) {
        int slicesOfTile() {
            return layer.splitsRows() ? Math.max(1, (input.rows() + SLICE_ROWS / 2) / SLICE_ROWS) : 1;
        }

        int sliceCount() {
            return layer.tileCount() * slicesOfTile();
        }

        /** Computes slices: the tile's first ones, those of the next tile, and so on. */
        void apply(int from, int to) {
            int ofTile = slicesOfTile();
            for (int at = from, next; at < to; at = next) {
                int tile = at / ofTile;
                int slice = at % ofTile;
                if (slice == 0 && to - at >= ofTile) {
                    int toTile = to / ofTile;
                    next = toTile * ofTile;
                    layer.applyTiles(input, tile, toTile, 0, input.rows(), output);
                } else {
                    next = Math.min(to, (tile + 1) * ofTile);
                    int toRow = next % ofTile == 0 ? input.rows() : next % ofTile * SLICE_ROWS;
                    layer.applyTiles(input, tile, tile + 1, slice * SLICE_ROWS, toRow, output);
                }
            }
        }
    }
}
