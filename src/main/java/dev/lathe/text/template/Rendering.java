package dev.lathe.text.template;

import java.time.Clock;

/**
 * One rendering in progress: its output, its clock, and what it may still spend.
 *
 * <p>A template comes with a model file and may be hostile. Steps bound its time, characters its memory (an item of a
 * list counts as {@link #ITEM} characters), depth its stack. The budget grows with the conversation.
 */
final class Rendering {
    private static final int MAX_DEPTH = 500;
    private static final long BASE_STEPS = 10_000_000;
    private static final long BASE_CHARACTERS = 16_000_000;
    private static final long STEPS_PER_INPUT = 64;
    private static final long CHARACTERS_PER_INPUT = 512;
    private static final int ITEM = 8;

    final Clock clock;
    Buffer out = new Buffer(this);
    int line = 1;
    private long stepsGranted = BASE_STEPS;
    private long stepsLeft = BASE_STEPS;
    private long charactersGranted = BASE_CHARACTERS;
    private long charactersLeft = BASE_CHARACTERS;
    private int depth;

    Rendering(Clock clock) {
        this.clock = clock;
    }

    /** Adds to the budget for something that the caller gave. */
    void grant(long inputCharacters) {
        stepsGranted += inputCharacters * STEPS_PER_INPUT;
        stepsLeft += inputCharacters * STEPS_PER_INPUT;
        charactersGranted += inputCharacters * CHARACTERS_PER_INPUT;
        charactersLeft += inputCharacters * CHARACTERS_PER_INPUT;
    }

    /** Pays for work; one step is about the evaluation of one node. */
    void spend(long steps) {
        stepsLeft -= steps;
        if (stepsLeft < 0) {
            throw Failures.limit("the rendering takes more than " + stepsGranted + " steps");
        }
    }

    /** Pays for memory before it is taken. */
    void allocate(long characters) {
        charactersLeft -= characters;
        if (charactersLeft < 0) {
            throw Failures.limit(
                    "the rendering makes more than " + charactersGranted + " characters of text and lists");
        }
    }

    /** Pays for going through a text; that is much quicker than to evaluate nodes. */
    void payReading(String text) {
        spend(text.length() >> 4);
    }

    void allocateItems(long count) {
        allocate(count * ITEM);
        spend(count);
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
