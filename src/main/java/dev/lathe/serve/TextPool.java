package dev.lathe.serve;

import dev.lathe.decode.EvaluatedText;
import dev.lathe.model.CacheType;
import java.util.ArrayList;
import java.util.List;

/**
 * Texts that wait for a prompt that begins as they do. The one with the longest common beginning is taken; where a
 * prompt shares only a part of it, such as a system's message, the prompt gets a fork, and the text goes on waiting.
 * Of too many, the one that waited longest is closed. Thread-safe; owns the texts that wait.
 */
public final class TextPool implements AutoCloseable {
    private static final int BATCH_SIZE = 512;

    /** A shorter beginning is evaluated faster than pages are copied. */
    private static final int LEAST_SHARED = 16;

    private final SharedModel model;
    private final int capacity;
    private final CacheType cacheType;
    private final int mostIdle;
    private final List<EvaluatedText> idle = new ArrayList<>(); // the one that waited longest comes first
    private long reusedTexts;
    private boolean closed;

    /**
     * An empty pool.
     *
     * @param capacity the most positions of a text
     * @param mostIdle the most texts that wait
     */
    public TextPool(SharedModel model, int capacity, CacheType cacheType, int mostIdle) {
        this.model = model;
        this.capacity = capacity;
        this.cacheType = cacheType;
        this.mostIdle = mostIdle;
    }

    /**
     * A text for a prompt: the caller's until it is given back or closed.
     *
     * @param rank prompts with smaller ones are evaluated first
     */
    public EvaluatedText take(int[] prompt, long rank) {
        EvaluatedText text = takeIdle(prompt);
        if (text == null) {
            text = new EvaluatedText(model.newState(capacity, cacheType), BATCH_SIZE);
        }
        ((SharedState) text.state()).rank(rank);
        return text;
    }

    private synchronized EvaluatedText takeIdle(int[] prompt) {
        EvaluatedText best = null;
        int most = LEAST_SHARED - 1;
        for (EvaluatedText text : idle) {
            int shared = text.sharedLength(prompt);
            if (shared > most) {
                most = shared;
                best = text;
            }
        }
        if (best == null) {
            return null;
        }
        reusedTexts++;
        if (most >= best.length() - 1) {
            idle.remove(best);
            return best;
        }
        return best.fork();
    }

    /** A text whose answer is complete waits for the next prompt. */
    public void giveBack(EvaluatedText text) {
        ((SharedState) text.state()).rest();
        EvaluatedText surplus = null;
        synchronized (this) {
            if (closed) {
                surplus = text;
            } else {
                idle.add(text);
                if (idle.size() > mostIdle) {
                    surplus = idle.removeFirst();
                }
            }
        }
        if (surplus != null) {
            surplus.close();
        }
    }

    /** How many texts wait. */
    public synchronized int idleTexts() {
        return idle.size();
    }

    /** Positions that they hold, those that they share counted for each. */
    public synchronized long idlePositions() {
        return idle.stream().mapToLong(text -> text.state().length()).sum();
    }

    /** How often a prompt began as a text that waited. */
    public synchronized long reusedTexts() {
        return reusedTexts;
    }

    /** Closes the texts that wait; those that are given back later are closed then. */
    @Override
    public void close() {
        List<EvaluatedText> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(idle);
            idle.clear();
        }
        all.forEach(EvaluatedText::close);
    }
}
