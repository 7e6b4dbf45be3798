package dev.lathe.serve;

/**
 * What one tenant of an engine may use. Immutable; each method returns changed limits.
 *
 * @param tokensPerSecond tokens of prompts and answers, on average over a long time
 * @param mostTokens the largest burst of them
 * @param watts power, on average over a long time
 * @param mostJoules the largest burst of energy
 * @param mostPositions positions of texts whose keys and values are held at once: prompts and longest answers
 * @param mostRequests requests that wait or run at once
 */
public record TenantLimits(
        double tokensPerSecond,
        double mostTokens,
        double watts,
        double mostJoules,
        long mostPositions,
        int mostRequests) {
    private static final double ANY = Double.POSITIVE_INFINITY;

    /** No limits. */
    public static final TenantLimits NONE = new TenantLimits(ANY, ANY, ANY, ANY, Long.MAX_VALUE, Integer.MAX_VALUE);

    /** Checks each component. */
    public TenantLimits {
        require(tokensPerSecond > 0, "tokensPerSecond", tokensPerSecond);
        require(mostTokens > 0, "mostTokens", mostTokens);
        require(watts > 0, "watts", watts);
        require(mostJoules > 0, "mostJoules", mostJoules);
        require(mostPositions > 0, "mostPositions", mostPositions);
        require(mostRequests > 0, "mostRequests", mostRequests);
    }

    /** With so many tokens a second, and so many at once. */
    public TenantLimits tokens(double perSecond, double most) {
        return new TenantLimits(perSecond, most, watts, mostJoules, mostPositions, mostRequests);
    }

    /** With so many joules a second, and so many at once; the engine must have an energy meter. */
    public TenantLimits joules(double perSecond, double most) {
        return new TenantLimits(tokensPerSecond, mostTokens, perSecond, most, mostPositions, mostRequests);
    }

    /** With keys and values of so many positions at once. */
    public TenantLimits positions(long most) {
        return new TenantLimits(tokensPerSecond, mostTokens, watts, mostJoules, most, mostRequests);
    }

    /** With so many requests at once. */
    public TenantLimits requests(int most) {
        return new TenantLimits(tokensPerSecond, mostTokens, watts, mostJoules, mostPositions, most);
    }

    private static void require(boolean holds, String name, Number got) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + got + ": expected a positive number");
        }
    }
}
