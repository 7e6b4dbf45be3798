package dev.lathe.plan;

import java.util.ArrayList;
import java.util.List;

/** Whether work is to end, and what is to be done at that moment. Thread-safe; once cancelled it stays so. */
public final class Cancellation {
    private final List<Runnable> actions = new ArrayList<>(); // guarded by itself, as below
    private boolean cancelled;

    /** Not cancelled. */
    public Cancellation() {}

    /** Something that was registered, until it is closed. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** Cancels; runs what is registered, on this thread. */
    public void cancel() {
        List<Runnable> registered;
        synchronized (actions) {
            cancelled = true;
            registered = List.copyOf(actions);
            actions.clear();
        }
        registered.forEach(Runnable::run);
    }

    /** Whether it is cancelled. */
    public boolean isCancelled() {
        synchronized (actions) {
            return cancelled;
        }
    }

    /** Runs an action when this is cancelled; at once if it is already. */
    public Registration onCancel(Runnable action) {
        synchronized (actions) {
            if (!cancelled) {
                actions.add(action);
                return () -> {
                    synchronized (actions) {
                        actions.remove(action);
                    }
                };
            }
        }
        action.run();
        return () -> {};
    }
}
