package dev.lathe.model.decoder;

import dev.lathe.tensor.Workers;
import dev.lathe.tensor.Workers.PartTask;

/** Runs a task for rows of activations: on the caller where the work is small, else on all workers. */
final class RowLoop {
    /** Elements below which waking the workers costs more than it saves. */
    private static final long PARALLEL_ELEMENTS = 1 << 15;

    private static final int PARTS_PER_WORKER = 4;

    private RowLoop() {}

    /** A task for the rows from one to another. */
    interface RangeTask {
        void run(int from, int to);
    }

    /** Runs a task for each row. */
    static void run(Workers workers, int rows, int elementsPerRow, PartTask task) {
        runRanges(workers, rows, elementsPerRow, (from, to) -> {
            for (int row = from; row < to; row++) {
                task.run(row);
            }
        });
    }

    /** Runs a task for ranges of rows that are all of them. */
    static void runRanges(Workers workers, int rows, int elementsPerRow, RangeTask task) {
        if (workers.count() == 1 || (long) rows * elementsPerRow < PARALLEL_ELEMENTS) {
            task.run(0, rows);
            return;
        }
        int parts = Math.min(rows, workers.count() * PARTS_PER_WORKER);
        workers.run(
                parts, part -> task.run((int) ((long) rows * part / parts), (int) ((long) rows * (part + 1) / parts)));
    }
}
