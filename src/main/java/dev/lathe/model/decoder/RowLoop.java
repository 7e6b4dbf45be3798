package dev.lathe.model.decoder;

import dev.lathe.tensor.Workers;
import dev.lathe.tensor.Workers.PartTask;

/** Runs a task for each row of activations: on the caller where the work is small, else on all workers. */
final class RowLoop {
    /** Elements below which waking the workers costs more than it saves. */
    private static final long PARALLEL_ELEMENTS = 1 << 15;

    private static final int PARTS_PER_WORKER = 4;

    private RowLoop() {}

    static void run(Workers workers, int rows, int elementsPerRow, PartTask task) {
        if (workers.count() == 1 || (long) rows * elementsPerRow < PARALLEL_ELEMENTS) {
            for (int row = 0; row < rows; row++) {
                task.run(row);
            }
            return;
        }
        int parts = Math.min(rows, workers.count() * PARTS_PER_WORKER);
        workers.run(parts, part -> {
            int end = (int) ((long) rows * (part + 1) / parts);
            for (int row = (int) ((long) rows * part / parts); row < end; row++) {
                task.run(row);
            }
        });
    }
}
