package dev.lathe.tensor;

/** What is done with threads that compute or read for others. */
public final class Threads {
    private Threads() {}

    /** Waits until all of them have ended, whatever interrupts the caller, who stays interrupted. */
    public static void join(Thread... threads) {
        boolean isInterrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
