package dev.lathe.tensor;

import java.util.ArrayList;
import java.util.List;

/** Products of tiled layers that one parallel region computes: the tiles of all of them are shared out, two by two. */
final class TiledProducts {
    private static final int PARTS_A_THREAD = 4;

    private record Entry(TiledLinear layer, Activations input, FloatMatrix output) {
        int pairs() {
            return (layer.tileCount() + 1) / 2;
        }

        void applyPairs(int from, int to) {
            layer.applyTiles(input, 2 * from, Math.min(layer.tileCount(), 2 * to), output);
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private int pairs;

    void add(TiledLinear layer, Activations input, FloatMatrix output) {
        Entry entry = new Entry(layer, input, output);
        entries.add(entry);
        pairs += entry.pairs();
    }

    void run(Workers workers) {
        if (entries.isEmpty()) {
            return;
        }
        for (Entry entry : entries) {
            entry.layer().prepare(entry.input(), workers);
        }
        int parts = workers.count() == 1 ? 1 : Math.min(pairs, PARTS_A_THREAD * workers.count());
        workers.run(parts, part -> {
            int from = (int) ((long) pairs * part / parts);
            int to = (int) ((long) pairs * (part + 1) / parts);
            for (int i = 0; i < entries.size() && to > 0; i++) {
                int count = entries.get(i).pairs();
                if (from < count) {
                    entries.get(i).applyPairs(from, Math.min(count, to));
                }
                from = Math.max(0, from - count);
                to -= count;
            }
        });
    }
}
