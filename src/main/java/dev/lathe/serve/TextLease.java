package dev.lathe.serve;

import dev.lathe.decode.EvaluatedText;
import dev.lathe.model.LayeredState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * A text in use: a prompt, and the text that it is evaluated in. One thread at a time; other prompts that begin alike
 * may wait for it meanwhile. Its fields are guarded by the pool.
 */
public final class TextLease implements AutoCloseable {
    private static final long LOOK_MILLIS = 10; // how often one that waits looks around

    private final TextPool pool;
    private final int[] prompt;
    private final List<Follower> followers = new ArrayList<>();
    private long rank;
    private EvaluatedText text;
    private int evaluated;
    private boolean isAway;
    private double joulesBefore; // of a text that was in use before
    private double joulesTold;
    private long timesAway;

    TextLease(TextPool pool, int[] prompt, long rank) {
        this.pool = pool;
        this.prompt = prompt;
        this.rank = rank;
    }

    /** A prompt that waits until so many tokens are evaluated. */
    private static final class Follower {
        private final int shared;
        private EvaluatedText fork;

        Follower(int shared) {
            this.shared = shared;
        }
    }

    void begin(EvaluatedText taken, BooleanSupplier stop) {
        text = taken;
        state().use(stop);
        state().rank(rank);
        joulesBefore = state().joules();
        joulesTold = joulesBefore;
    }

    /** The text, until it is given back or closed. */
    public EvaluatedText text() {
        return text;
    }

    /**
     * So many tokens of the prompt are evaluated, or all of them and more after them: who waits for no more goes on
     * from a fork. Called between passes, by the thread that evaluates the text.
     */
    public void evaluated(int tokens) {
        synchronized (pool) {
            evaluated = Math.min(tokens, prompt.length);
            if (text.state() instanceof LayeredState layered && layered.openRows() > 0) {
                pool.leave(this); // a fork would complete its open rows
                return;
            }
            boolean served = false;
            for (Follower follower : followers) {
                if (follower.fork == null && follower.shared <= evaluated) {
                    follower.fork = text.fork();
                    served = true;
                }
            }
            if (served) {
                pool.notifyAll();
            }
        }
    }

    /** Energy of the rows evaluated since the text was taken, where it is metered. */
    public double joules() {
        return state().joules() - joulesBefore;
    }

    /** Of this, what was used since this was asked last. */
    public double newJoules() {
        double used = state().joules();
        double more = used - joulesTold;
        joulesTold = used;
        return more;
    }

    private SharedState state() {
        return (SharedState) text.state();
    }

    /** Does what may take long: who waits for this text does not wait for that. */
    public void away(Runnable action) {
        isAway(true);
        try {
            action.run();
        } finally {
            isAway(false);
        }
    }

    private void isAway(boolean value) {
        state().isAway(value);
        synchronized (pool) {
            isAway = value;
            timesAway += value ? 1 : 0;
        }
    }

    /** The answer is complete: the text waits for the next prompt. */
    public void giveBack() {
        synchronized (pool) { // so that a prompt that looks for it finds it in use or idle
            EvaluatedText given = detach();
            if (given != null) {
                pool.keep(given);
            }
        }
    }

    /** Closes the text unless it was given back. */
    @Override
    public void close() {
        EvaluatedText unwanted = detach();
        if (unwanted != null) {
            unwanted.close();
        }
    }

    private EvaluatedText detach() {
        synchronized (pool) {
            EvaluatedText detached = text;
            if (detached != null) {
                state().release();
            }
            text = null;
            pool.leave(this);
            return detached;
        }
    }

    /** A fork for another prompt as soon as what they share is evaluated; null if that did not happen. */
    EvaluatedText await(TextLease other, BooleanSupplier stop) {
        Follower follower = new Follower(TextPool.shared(prompt, other.prompt));
        if (isAway && follower.shared <= evaluated) {
            return text.fork(); // who is away does not come back without the pool's lock
        }
        followers.add(follower);
        hurry(other.rank);
        boolean goesOn = true;
        while (follower.fork == null && goesOn) {
            try {
                long before = timesAway;
                pool.wait(LOOK_MILLIS);
                boolean isStillAway = isAway && timesAway == before;
                goesOn = pool.isInUse(this) && !isStillAway && !stop.getAsBoolean();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                goesOn = false;
            }
        }
        followers.remove(follower);
        return follower.fork;
    }

    /** Whoever waits lends its rank. */
    private void hurry(long otherRank) {
        if (otherRank < rank) {
            rank = otherRank;
            state().rank(rank);
        }
    }

    int[] prompt() {
        return prompt;
    }

    long rank() {
        return rank;
    }

    int evaluated() {
        return evaluated;
    }
}
