package dev.lathe.hub;

import java.net.ConnectException;
import java.time.Duration;

/** How often something has failed in a row, and how long to wait before it is tried again. */
final class Attempts {
    private final HubOptions options;
    private final String what;
    private int failed;
    private boolean succeeded;

    Attempts(HubOptions options, String what) {
        this.options = options;
        this.what = what;
    }

    /** Bytes came: what failed before counts no more. */
    void succeed() {
        failed = 0;
        succeeded = true;
    }

    /**
     * Waits after a failure: as long as the server asks, or twice as long as after the failure before.
     *
     * @throws HubException if there were too many, or the wait would be too long
     */
    void fail(TransientException failure) throws HubException, InterruptedException {
        failed++;
        if (failure.getCause() instanceof ConnectException && !succeeded) {
            throw new HubException(
                    what + ": " + options.endpoint() + " cannot be reached; check the network, or set HF_HUB_OFFLINE=1"
                            + " to use what is in the cache",
                    failure);
        }
        if (failed >= options.attempts()) {
            throw new HubException(
                    what + ": " + failure.getMessage() + ", " + failed + " times in a row; try again later", failure);
        }
        Duration wait = failure.retryAfter().orElse(options.pause().multipliedBy(1L << Math.min(failed - 1, 10)));
        if (wait.compareTo(options.longestPause()) > 0) {
            throw new HubException(
                    what + ": " + failure.getMessage() + " and asks to wait " + wait.toSeconds()
                            + " s; try again after that, or set HF_TOKEN, whose limits are higher",
                    failure);
        }
        Thread.sleep(wait);
    }
}
