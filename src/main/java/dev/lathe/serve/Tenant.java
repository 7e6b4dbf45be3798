package dev.lathe.serve;

import dev.lathe.figures.Stopwatch;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One of those who share an engine: a user, a key, a service. A request reserves what it may use at most, its prompt
 * and its longest answer, and gives back at its end what it did not use; what is not there is refused at once. Energy
 * is charged as it is used: who has used up its share is refused, and what runs of it ends with {@code ENERGY_LIMIT}.
 *
 * <p>One object for all requests of a tenant, to any number of engines. Thread-safe.
 */
public final class Tenant {
    private final String name;
    private final TenantLimits limits;
    private final LongSupplier nanoTime;
    private final TokenBucket tokens;
    private final TokenBucket joules;
    private long positions;
    private int requests;
    private TenantStatistics statistics = new TenantStatistics(0, 0, 0, 0, 0, 0);

    /** A tenant that has not asked for anything yet. */
    public Tenant(String name, TenantLimits limits) {
        this(name, limits, Stopwatch.system().nanoTime());
    }

    Tenant(String name, TenantLimits limits, LongSupplier nanoTime) {
        this.name = Objects.requireNonNull(name, "name");
        this.limits = limits;
        this.nanoTime = nanoTime;
        long now = nanoTime.getAsLong();
        this.tokens = new TokenBucket(limits.tokensPerSecond(), limits.mostTokens(), now);
        this.joules = new TokenBucket(limits.watts(), limits.mostJoules(), now);
    }

    /** What messages call it. */
    public String name() {
        return name;
    }

    /** What it may use. */
    public TenantLimits limits() {
        return limits;
    }

    /** What it used so far, and holds now. */
    public synchronized TenantStatistics statistics() {
        return statistics.holding(requests, positions);
    }

    /** Whether it has used more energy than it may by now. */
    public synchronized boolean isOverdrawn() {
        return joules.level(nanoTime.getAsLong()) <= 0;
    }

    /**
     * Reserves what a request may use at most.
     *
     * @param most tokens of its prompt and its longest answer
     * @throws IllegalArgumentException if it is more than the tenant can ever have
     * @throws TenantLimitException if it is more than the tenant has now
     */
    public synchronized Share reserve(long most) {
        refuseForever(most > limits.mostTokens(), most, "mostTokens", limits.mostTokens());
        refuseForever(most > limits.mostPositions(), most, "mostPositions", limits.mostPositions());
        long now = nanoTime.getAsLong();
        if (requests >= limits.mostRequests()) {
            throw refused(requests + " of its requests wait or run, and mostRequests is " + limits.mostRequests());
        }
        if (positions + most > limits.mostPositions()) {
            throw refused(most + " positions beside the " + positions + " that its requests hold are more than its"
                    + " mostPositions, " + limits.mostPositions());
        }
        Optional<Duration> energy = joules.level(now) > 0 ? Optional.empty() : joules.missing(Double.MIN_VALUE, now);
        if (energy.isPresent()) {
            throw refused("it has used up its energy of " + limits.watts() + " joules a second", energy);
        }
        Optional<Duration> wait = tokens.take(most, now);
        if (wait.isPresent()) {
            throw refused(
                    "it needs " + most + " tokens at most, and " + (long) tokens.level(now) + " are left of "
                            + limits.tokensPerSecond() + " a second",
                    wait);
        }
        positions += most;
        requests++;
        return new Share(most);
    }

    private void refuseForever(boolean isTooMuch, long most, String limit, Number value) {
        if (isTooMuch) {
            throw new IllegalArgumentException("the request of tenant " + name + " may have " + most
                    + " tokens, prompt and longest answer together, but " + limit + " is " + value
                    + ": ask for fewer with maxTokens");
        }
    }

    private TenantLimitException refused(String reason) {
        return refused(reason, Optional.empty());
    }

    private TenantLimitException refused(String reason, Optional<Duration> retryAfter) {
        statistics = statistics.oneMoreRefused();
        return new TenantLimitException(name, reason, retryAfter);
    }

    /** What one request has reserved. */
    public final class Share {
        private final long most;
        private double spent; // joules
        private boolean ended;

        private Share(long most) {
            this.most = most;
        }

        /** Charges energy. */
        public void spend(double used) {
            synchronized (Tenant.this) {
                spent += used;
                joules.charge(used, nanoTime.getAsLong());
            }
        }

        /** Whether the tenant has used up its energy. */
        public boolean isOverdrawn() {
            return Tenant.this.isOverdrawn();
        }

        /**
         * Gives back what was not used; once.
         *
         * @param used tokens of the prompt and the answer
         */
        public void end(long used) {
            synchronized (Tenant.this) {
                if (ended) {
                    return;
                }
                ended = true;
                requests--;
                positions -= most;
                tokens.giveBack(most - used, nanoTime.getAsLong());
                statistics = statistics.with(used, spent);
            }
        }
    }
}
