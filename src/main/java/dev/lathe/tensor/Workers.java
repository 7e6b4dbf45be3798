package dev.lathe.tensor;

/**
 * A fixed team of threads that share the parts of a task. The caller is one of them.
 *
 * <p>Passed to whatever computes; there is no common pool. One {@link #run} at a time: concurrent callers wait for each
 * other. Parts must not call {@code run} of their own team.
 */
public interface Workers extends AutoCloseable {
    /** Number of threads, the caller included. */
    int count();

    /**
     * Runs a task for every part in {@code [0, parts)}, spread over the team, and returns when all are done.
     *
     * @throws RuntimeException or Error: the first that a part threw, after all parts have ended
     * @throws IllegalStateException after {@link #close}
     */
    void run(int parts, PartTask task);

    /** Ends the threads; the caller alone is not affected. */
    @Override
    void close();

    /** One part of a task. */
    @FunctionalInterface
    interface PartTask {
        /** Does part number {@code part}; parts may run in any order and at the same time. */
        void run(int part);
    }

    /** The calling thread alone. */
    static Workers single() {
        return SingleWorker.INSTANCE;
    }

    /**
     * A team of so many threads: the caller and daemon threads, which end at {@link #close}.
     *
     * @throws IllegalArgumentException if the count is not positive
     */
    static Workers of(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("a team of " + threads + " threads: expected at least 1");
        }
        return threads == 1 ? single() : new WorkerTeam(threads);
    }
}
