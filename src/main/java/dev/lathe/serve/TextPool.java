package dev.lathe.serve;

import dev.lathe.decode.EvaluatedText;
import dev.lathe.decode.PrefixTree;
import dev.lathe.model.CacheType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Texts that prompts go on from. Some are idle: their answers are complete, and they wait for a prompt that begins as
 * they do. Others are in use: a prompt that begins as one of them waits for what they share and goes on from a fork, so
 * that several samples of one prompt evaluate it once. The longest common beginning is taken; where a prompt shares
 * only a part of an idle text, such as a system's message, it gets a fork, and the text goes on waiting. Of too many
 * idle texts, the one that waited longest is closed. Thread-safe; owns the idle texts.
 */
public final class TextPool implements AutoCloseable {
    private static final int BATCH_SIZE = 512;

    /** A shorter beginning is evaluated faster than pages are copied. */
    private static final int LEAST_SHARED = 16;

    private final SharedModel model;
    private final int capacity;
    private final CacheType cacheType;
    private final int mostIdle;
    private final PrefixTree prefixes;
    private final List<EvaluatedText> idle = new ArrayList<>(); // the one that waited longest comes first
    private final Set<TextLease> inUse = new LinkedHashSet<>(); // those that others may wait for
    private long reusedTexts;
    private boolean closed;

    /**
     * An empty pool.
     *
     * @param capacity the most positions of a text
     * @param mostIdle the most texts that wait
     * @param prefixes what new texts may begin with
     */
    public TextPool(SharedModel model, int capacity, CacheType cacheType, int mostIdle, PrefixTree prefixes) {
        this.model = model;
        this.capacity = capacity;
        this.cacheType = cacheType;
        this.mostIdle = mostIdle;
        this.prefixes = prefixes;
        model.budget().onPressure(this::closeOldest);
    }

    /** Closes the idle text that waited longest; false if there is none. */
    private synchronized boolean closeOldest() {
        if (idle.isEmpty()) {
            return false;
        }
        idle.removeFirst().close();
        return true;
    }

    /**
     * A text for a prompt: the caller's until it is given back or closed. Waits where a text in use begins alike, until
     * so much of it is evaluated.
     *
     * @param prompt not copied
     * @param rank prompts with smaller ones are evaluated first
     * @param stop whether to wait no longer
     */
    public synchronized TextLease take(int[] prompt, long rank, BooleanSupplier stop) {
        TextLease lease = new TextLease(this, prompt, rank);
        Set<TextLease> tried = new HashSet<>();
        EvaluatedText text = null;
        while (text == null && !stop.getAsBoolean()) {
            TextLease leader = leader(lease, tried);
            if (leader == null) {
                break;
            }
            tried.add(leader);
            text = leader.await(lease, stop);
        }
        text = text == null ? takeIdle(prompt) : text;
        if (text == null) {
            text = new EvaluatedText(model.newState(capacity, cacheType), BATCH_SIZE, cacheType, prefixes);
        } else {
            reusedTexts++;
        }
        lease.begin(text, stop);
        inUse.add(lease);
        return lease;
    }

    /**
     * Whose text in use begins with more of this prompt than any idle text holds. One that comes later by rank is
     * waited for only if that takes no longer than evaluating what it shares, but for an equal prompt's last token.
     */
    private TextLease leader(TextLease follower, Set<TextLease> tried) {
        int most = idle.stream()
                .mapToInt(text -> text.sharedLength(follower.prompt()))
                .max()
                .orElse(0);
        int held = most;
        TextLease best = null;
        for (TextLease lease : inUse) {
            int shared = shared(lease.prompt(), follower.prompt());
            int forkAt = Math.min(lease.prompt().length, (shared / BATCH_SIZE + 1) * BATCH_SIZE);
            boolean isWorthwhile = lease.rank() <= follower.rank() || forkAt - lease.evaluated() <= shared - held + 1;
            if (shared >= LEAST_SHARED && shared > most && isWorthwhile && !tried.contains(lease)) {
                most = shared;
                best = lease;
            }
        }
        return best;
    }

    /** How much of a prompt another one begins with, short of its last token. */
    static int shared(int[] other, int[] prompt) {
        int limit = Math.min(other.length, prompt.length - 1);
        int mismatch = Arrays.mismatch(other, 0, limit, prompt, 0, limit);
        return mismatch < 0 ? limit : mismatch;
    }

    private EvaluatedText takeIdle(int[] prompt) {
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
        if (most >= best.length() - 1) {
            idle.remove(best);
            return best;
        }
        return best.fork();
    }

    boolean isInUse(TextLease lease) {
        return inUse.contains(lease);
    }

    /** Nobody waits for this text any more. */
    synchronized void leave(TextLease lease) {
        if (inUse.remove(lease)) {
            notifyAll();
        }
    }

    /** A text whose answer is complete waits for the next prompt. */
    synchronized void keep(EvaluatedText text) {
        ((SharedState) text.state()).rest();
        if (closed) {
            text.close();
            return;
        }
        idle.add(text);
        if (idle.size() > mostIdle) {
            idle.removeFirst().close();
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

    /** How often a prompt began as a text that waited, or as one in use. */
    public synchronized long reusedTexts() {
        return reusedTexts;
    }

    /** Closes the texts that wait; those that are given back later are closed then. */
    @Override
    public synchronized void close() {
        closed = true;
        idle.forEach(EvaluatedText::close);
        idle.clear();
    }
}
