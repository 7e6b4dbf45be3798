package dev.lathe.decode;

import java.util.Optional;

/**
 * What a strategy did in one generation. A step is one pass of the model. The first token, which comes from the
 * prompt's own pass, is not counted.
 *
 * @param strategy the strategy's name
 * @param steps steps taken
 * @param tokens tokens committed by these steps, surplus ones after a stop included
 * @param rows rows evaluated by the model
 * @param draftedTokens tokens proposed for verification
 * @param acceptedTokens proposed tokens that were committed
 * @param drafting what the drafts cost, where the strategy has any
 * @param exits where tokens left the model, where the strategy lets them
 */
public record DecodingStatistics(
        String strategy,
        long steps,
        long tokens,
        long rows,
        long draftedTokens,
        long acceptedTokens,
        Optional<DraftingStatistics> drafting,
        Optional<ExitStatistics> exits) {
    /** Of a strategy without drafts and exits. */
    public DecodingStatistics(
            String strategy, long steps, long tokens, long rows, long draftedTokens, long acceptedTokens) {
        this(strategy, steps, tokens, rows, draftedTokens, acceptedTokens, Optional.empty(), Optional.empty());
    }

    /** Of a strategy that has done nothing yet. */
    public static DecodingStatistics none(String strategy) {
        return new DecodingStatistics(strategy, 0, 0, 0, 0, 0);
    }

    /** Tokens committed per step, which is per pass of the model; 0 before the first. */
    public double blockEfficiency() {
        return steps == 0 ? 0 : (double) tokens / steps;
    }

    /** Share of the proposed tokens that were committed; 0 where none was proposed. */
    public double acceptanceRate() {
        return draftedTokens == 0 ? 0 : (double) acceptedTokens / draftedTokens;
    }
}
