package dev.lathe.serve;

import java.time.Duration;
import java.util.Optional;

/**
 * An allowance that fills at a steady rate up to a capacity. What is taken and not used is given back, so that over any
 * time no more is used than it held at the beginning and was filled with. Not thread-safe.
 *
 * <p>Turner: New directions in communications, IEEE Communications Magazine, 1986 (as a leaky bucket).
 */
final class TokenBucket {
    private final double perSecond;
    private final double capacity;
    private double level;
    private long lastNanos;

    /** A full bucket. */
    TokenBucket(double perSecond, double capacity, long now) {
        this.perSecond = perSecond;
        this.capacity = capacity;
        this.level = capacity;
        this.lastNanos = now;
    }

    /** Takes an amount; if there is not as much, takes nothing and tells how long it takes to fill. */
    Optional<Duration> take(double amount, long now) {
        Optional<Duration> wait = missing(amount, now);
        if (wait.isEmpty()) {
            level -= amount;
        }
        return wait;
    }

    /** How long it takes until there is so much; empty if there is. */
    Optional<Duration> missing(double amount, long now) {
        fill(now);
        return level >= amount
                ? Optional.empty()
                : Optional.of(Duration.ofNanos((long) Math.min(1e18, 1e9 * (amount - level) / perSecond)));
    }

    /** Gives back what was taken and not used. */
    void giveBack(double amount, long now) {
        fill(now);
        level = Math.min(capacity, level + amount);
    }

    /** Takes what was used already, whether it is there or not. */
    void charge(double amount, long now) {
        fill(now);
        level -= amount;
    }

    double level(long now) {
        fill(now);
        return level;
    }

    private void fill(long now) {
        if (now > lastNanos) {
            level = Math.min(capacity, level + perSecond * 1e-9 * (now - lastNanos));
            lastNanos = now;
        }
    }
}
