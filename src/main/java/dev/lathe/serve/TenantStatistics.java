package dev.lathe.serve;

/**
 * What a tenant used, and holds now.
 *
 * @param ended requests that have ended
 * @param refused requests that were refused because of its limits
 * @param tokens tokens of prompts and answers of those that have ended
 * @param joules their energy, where the engine measures it
 * @param running requests that wait or run
 * @param positions positions that these have reserved
 */
public record TenantStatistics(long ended, long refused, long tokens, double joules, int running, long positions) {
    TenantStatistics with(long usedTokens, double usedJoules) {
        return new TenantStatistics(ended + 1, refused, tokens + usedTokens, joules + usedJoules, running, positions);
    }

    TenantStatistics oneMoreRefused() {
        return new TenantStatistics(ended, refused + 1, tokens, joules, running, positions);
    }

    TenantStatistics holding(int nowRunning, long nowPositions) {
        return new TenantStatistics(ended, refused, tokens, joules, nowRunning, nowPositions);
    }
}
