package dev.lathe.decode;

/** When something that was not chosen for long is tried again, whatever is known of it: at ever longer intervals. */
final class TrialClock {
    private static final int FIRST_INTERVAL = 8;
    private static final int LAST_INTERVAL = 256;

    private int idleSteps;
    private int interval = FIRST_INTERVAL;

    boolean isDue() {
        return idleSteps >= interval;
    }

    /** After a step that did not use it. */
    void idle() {
        idleSteps++;
    }

    /** After a step that used it, because it was chosen or just to try it. */
    void used(boolean onTrial) {
        idleSteps = 0;
        interval = onTrial ? Math.min(2 * interval, LAST_INTERVAL) : FIRST_INTERVAL;
    }
}
