package dev.lathe.text.template;

import java.time.Clock;

/**
 * One rendering in progress: its output, its clock, and the meter of what it may still spend.
 *
 * <p>A template comes with a model file and may be hostile. Every loop pays steps, which bound its time; every copy
 * pays bytes, which bound its memory, freed or not; every level of nesting pays depth, which bounds its stack. The
 * budgets grow with the conversation. Whoever goes through anything takes the iterator of {@link Values#iterate}, which
 * pays; whoever makes text makes it in a {@link Buffer}, which pays.
 */
final class Rendering {
    private static final int MAX_DEPTH = 500;
    private static final long BASE_STEPS = 10_000_000;
    private static final long BASE_BYTES = 64_000_000;
    private static final long STEPS_PER_CHARACTER = 64;
    private static final long BYTES_PER_CHARACTER = 1024;

    /** Steps between two looks at the thread's interrupt status. */
    private static final long STEPS_UNINTERRUPTED = 10_000;

    /** An entry of a list or dict, with the objects that it needs. */
    private static final int ITEM_BYTES = 64;

    final Clock clock;
    Buffer out = new Buffer(this);
    int line = 1;
    private long stepsGranted = BASE_STEPS;
    private long stepsLeft = BASE_STEPS;
    private long stepsAtNextLook = BASE_STEPS;
    private long bytesGranted = BASE_BYTES;
    private long bytesTaken;
    private int depth;

    Rendering(Clock clock) {
        this.clock = clock;
    }

    /** Adds to the budgets for something that the caller gave. */
    void grant(long inputCharacters) {
        stepsGranted += inputCharacters * STEPS_PER_CHARACTER;
        stepsLeft += inputCharacters * STEPS_PER_CHARACTER;
        stepsAtNextLook = stepsLeft;
        bytesGranted = Math.min(
                bytesGranted + inputCharacters * BYTES_PER_CHARACTER,
                Math.max(BASE_BYTES, Runtime.getRuntime().maxMemory() / 2));
    }

    /** Pays for work; one step is about the evaluation of one node. */
    void spend(long steps) {
        stepsLeft -= steps;
        if (stepsLeft < 0) {
            throw Failures.limit("the rendering takes more than " + stepsGranted + " steps");
        }
        if (stepsLeft < stepsAtNextLook) {
            stepsAtNextLook = stepsLeft - STEPS_UNINTERRUPTED;
            if (Thread.currentThread().isInterrupted()) {
                throw new TemplateException(
                        TemplateException.Reason.INTERRUPTED, "the rendering's thread was interrupted", line);
            }
        }
    }

    /** Pays for memory before it is taken. */
    void allocate(long bytes) {
        bytesTaken += bytes;
        if (bytesTaken > bytesGranted) {
            throw Failures.limit("the rendering makes more than " + bytesGranted + " bytes of text and lists");
        }
    }

    /** Pays for the chars of a new text. */
    void allocateText(long characters) {
        allocate(characters * Character.BYTES);
    }

    /** Pays for the entries of a new list or dict, and for filling them in. */
    void allocateItems(long count) {
        allocate(count * ITEM_BYTES);
        spend(count);
    }

    /** Pays for going through a text; that is much quicker than to evaluate nodes. */
    void payReading(String text) {
        spend(1 + (text.length() >> 4));
    }

    void payReading(MarkedText text) {
        payReading(text.text());
    }

    /** Enters one level of nesting, and pays one step. */
    void enter() {
        spend(1);
        if (++depth > MAX_DEPTH) {
            throw Failures.limit("nested more than " + MAX_DEPTH + " levels deep");
        }
    }

    void leave() {
        depth--;
    }
}
