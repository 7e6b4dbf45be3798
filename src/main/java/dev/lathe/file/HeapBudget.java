package dev.lathe.file;

/**
 * A meter for the heap that objects made from a file take. A small file can ask for many objects; whoever makes them pays
 * here first, so that a file too large for the heap is told in a sentence and never ends in an {@link OutOfMemoryError}.
 *
 * <p>Not thread-safe.
 */
public final class HeapBudget {
    /** An object's header and the reference to it. */
    public static final int OBJECT_BYTES = 24;

    private static final int MEBIBYTE = 1 << 20;

    private final long limit;
    private long left;

    /** A budget of {@code bytes}. */
    public HeapBudget(long bytes) {
        limit = bytes;
        left = bytes;
    }

    /** Half of the largest heap that the virtual machine may use: what was read and what is made of it must both fit. */
    public static HeapBudget halfOfHeap() {
        return new HeapBudget(Runtime.getRuntime().maxMemory() / 2);
    }

    /**
     * Takes bytes before they are allocated.
     *
     * @return whether they fit; if not, nothing is taken
     */
    public boolean take(long bytes) {
        if (bytes > left) {
            return false;
        }
        left -= bytes;
        return true;
    }

    /** What to tell when bytes do not fit: the limit and the cure, in words that end a sentence. */
    public String refusal() {
        return "needs more than " + Math.max(1, limit / MEBIBYTE)
                + " MiB of heap, which is half of what Java may use here;"
                + " start Java with a larger -Xmx if the file is trusted";
    }
}
