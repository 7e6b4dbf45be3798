package dev.lathe;

import dev.lathe.figures.Stopwatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/** A piece of loading that a thread of its own does while the caller goes on, who waits for it at last. */
final class Meanwhile<T> {
    private final FutureTask<T> task;
    private long nanos; // written by the task

    private Meanwhile(Supplier<T> work) {
        task = new FutureTask<>(() -> {
            Stopwatch.Lap lap = Stopwatch.system().start();
            try {
                return work.get();
            } finally {
                nanos = lap.nanos();
            }
        });
    }

    static <T> Meanwhile<T> start(String name, Supplier<T> work) {
        Meanwhile<T> meanwhile = new Meanwhile<>(work);
        Thread.ofPlatform().daemon().name(name).start(meanwhile.task);
        return meanwhile;
    }

    /** The result, or the failure as it was thrown. An interrupt does not end the wait, and is kept. */
    T await() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case RuntimeException failure -> throw failure;
                        case Error failure -> throw failure;
                        default -> throw new IllegalStateException(e.getCause());
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** How long it took, after {@link #await}. */
    long nanos() {
        return nanos;
    }
}
