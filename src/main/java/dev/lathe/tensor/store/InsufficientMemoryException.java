package dev.lathe.tensor.store;

/**
 * The machine, the container or the heap has not enough memory for a model's weights or for an evaluation, of which nothing
 * is changed; the message says how much is needed.
 */
public final class InsufficientMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InsufficientMemoryException(String message) {
        super(message);
    }

    private InsufficientMemoryException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * The heap has no room.
     *
     * @param what what needs it, such as "logits of 300 tokens"
     * @param byteCount how much that is
     * @param cause what the virtual machine said
     */
    public static InsufficientMemoryException ofHeap(String what, long byteCount, OutOfMemoryError cause) {
        return new InsufficientMemoryException(
                "not enough memory for " + what + ": " + megabytes(byteCount) + " MB needed, the heap can grow to "
                        + megabytes(Runtime.getRuntime().maxMemory())
                        + " MB in all; use fewer tokens, a smaller cache type, or start Java with a larger heap (-Xmx)",
                cause);
    }

    /**
     * The limit on keys and values in memory has no room for what one pass writes.
     *
     * @param limit the limit, in bytes
     * @param needed bytes that the pass needs at least
     */
    public static InsufficientMemoryException ofPages(long limit, long needed) {
        return new InsufficientMemoryException("the limit of " + limit
                + " bytes for keys and values in memory is too small for what passes write at once, which takes at least "
                + needed + " bytes: raise it, or evaluate prompts in smaller batches");
    }

    /**
     * The heap has no room for work whose needs are not known.
     *
     * @param work what was done and what of it lies in the heap
     * @param enough bytes of heap that may do
     * @param cause what the virtual machine said
     */
    public static InsufficientMemoryException ofHeapFor(String work, long enough, OutOfMemoryError cause) {
        return new InsufficientMemoryException(
                "the heap, which can grow to " + megabytes(Runtime.getRuntime().maxMemory()) + " MB, is too small for "
                        + work + "; start Java with a larger one, such as -Xmx" + ((enough >> 20) + 1) + "m",
                cause);
    }

    private static long megabytes(long byteCount) {
        return (byteCount + 999_999) / 1_000_000;
    }
}
