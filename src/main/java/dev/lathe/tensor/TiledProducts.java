package dev.lathe.tensor;

import java.util.ArrayList;
import java.util.List;

/** Products of tiled layers that one parallel region computes: the tiles of all of them are shared out. */
final class TiledProducts {
    private static final int PARTS_A_THREAD = 4;

    private record Entry(TiledLinear layer, Activations input, FloatMatrix output) {}

    private final List<Entry> entries = new ArrayList<>();
    private int tiles;

    void add(TiledLinear layer, Activations input, FloatMatrix output) {
        Entry entry = new Entry(layer, input, output);
        entries.add(entry);
        tiles += layer.tileCount();
    }

    void run(Workers workers) {
        if (entries.isEmpty()) {
            return;
        }
        for (Entry entry : entries) {
            entry.layer().prepare(entry.input(), workers);
        }
        int parts = workers.count() == 1 ? 1 : Math.min(tiles, PARTS_A_THREAD * workers.count());
        workers.run(parts, part -> {
            int from = (int) ((long) tiles * part / parts);
            int to = (int) ((long) tiles * (part + 1) / parts);
            for (int i = 0; i < entries.size() && to > 0; i++) {
                Entry entry = entries.get(i);
                int count = entry.layer().tileCount();
                if (from < count) {
                    entry.layer().applyTiles(entry.input(), from, Math.min(count, to), entry.output());
                }
                from = Math.max(0, from - count);
                to -= count;
            }
        });
    }
}
