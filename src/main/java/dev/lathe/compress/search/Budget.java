package dev.lathe.compress.search;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a model may cost. Immutable.
 *
 * @param bytes of all tensors, at most
 * @param speedup of one token, at least: the time of the matrices of the model as it is over that of the result's
 */
public record Budget(OptionalLong bytes, OptionalDouble speedup) {
    /** Checks that something is limited. */
    public Budget {
        if (bytes.isEmpty() && speedup.isEmpty()) {
            throw new IllegalArgumentException("a budget limits the bytes or demands a speedup");
        }
        if (bytes.orElse(1) < 1 || !(speedup.orElse(1) > 0)) {
            throw new IllegalArgumentException(
                    "a budget of " + bytes + " bytes and a speedup of " + speedup + ": expected positive numbers");
        }
    }

    /** So many bytes of tensors at most. */
    public static Budget bytes(long bytes) {
        return new Budget(OptionalLong.of(bytes), OptionalDouble.empty());
    }

    /** Tokens so many times as fast at least. */
    public static Budget speedup(double times) {
        return new Budget(OptionalLong.empty(), OptionalDouble.of(times));
    }

    /** Which costs matter for what is best: seconds, which differ from run to run, only where they are limited. */
    int[] objectives() {
        return speedup.isEmpty()
                ? new int[] {Profile.BYTES, Profile.DIVERGENCE}
                : new int[] {Profile.BYTES, Profile.SECONDS, Profile.DIVERGENCE};
    }

    /** How good costs are, the most important first: what is beyond the budget, then the divergence, then the bytes. */
    double[] judge(double[] costs, double secondsBefore) {
        double excess = excess(costs[Profile.BYTES], costs[Profile.SECONDS], secondsBefore);
        return new double[] {excess, costs[Profile.DIVERGENCE], costs[Profile.BYTES]};
    }

    /** By how much a cost is beyond the budget, as shares of it; 0 if it is within. */
    double excess(double bytesUsed, double seconds, double secondsBefore) {
        double excess = 0;
        if (bytes.isPresent()) {
            excess += Math.max(0, bytesUsed / bytes.getAsLong() - 1);
        }
        if (speedup.isPresent()) {
            excess += Math.max(0, seconds * speedup.getAsDouble() / secondsBefore - 1);
        }
        return excess;
    }

    /** Such as {@code 4,500,000 bytes}. */
    @Override
    public String toString() {
        String size = bytes.isPresent() ? String.format(Locale.ROOT, "%,d bytes", bytes.getAsLong()) : "";
        String speed = speedup.isPresent() ? String.format(Locale.ROOT, "%.2fx speed", speedup.getAsDouble()) : "";
        return size + (size.isEmpty() || speed.isEmpty() ? "" : " and ") + speed;
    }
}
