package dev.lathe.tensor;

/**
 * A fixed team of threads that share the rows of a matrix. The caller is one of them.
 *
 * <p>Passed to whatever computes; there is no common pool. One {@link #run} at a time: concurrent callers wait for each
 * other.
 */
public interface Workers extends AutoCloseable {
    /** Number of threads, the caller included. */
    int count();

    /**
     * Runs a task for every part in {@code [0, parts)}, spread over the team, and returns when all are done.
     *
     * @throws RuntimeException the first exception that a part threw, after all parts have ended
     */
    void run(int parts, PartTask task);

    /** Ends the threads. */
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
}
