package dev.lathe.serve;

/** A request was refused because too many wait already. */
public final class QueueFullException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final int waiting;

    QueueFullException(int running, int waiting) {
        super("the engine's queue is full: " + waiting + " requests wait and " + running
                + " run; try again later, or make an engine with a larger queueCapacity or more texts");
        this.waiting = waiting;
    }

    /** Requests that waited. */
    public int waiting() {
        return waiting;
    }
}
