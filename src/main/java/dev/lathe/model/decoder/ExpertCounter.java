package dev.lathe.model.decoder;

import dev.lathe.model.ExpertUse;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/** Counts the experts that the rows of one layer choose. Thread-safe. */
final class ExpertCounter {
    private final int layer;
    private final AtomicLongArray chosen;
    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong skipped = new AtomicLong();

    ExpertCounter(int layer, int experts) {
        this.layer = layer;
        chosen = new AtomicLongArray(experts);
    }

    /** Counts what some rows chose. */
    void add(int count, int... choices) {
        rows.addAndGet(count);
        for (int expert : choices) {
            if (expert == Router.SKIPPED) {
                skipped.incrementAndGet();
            } else {
                chosen.incrementAndGet(expert);
            }
        }
    }

    ExpertUse.Layer use() {
        List<Long> counts =
                IntStream.range(0, chosen.length()).mapToObj(chosen::get).toList();
        return new ExpertUse.Layer(layer, rows.get(), counts, skipped.get());
    }
}
