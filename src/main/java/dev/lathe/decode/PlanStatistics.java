package dev.lathe.decode;

import java.time.Duration;
import java.util.List;

/**
 * What a planner measured and decided.
 *
 * @param rowTimes times of the model's passes: of one row, of two rows and so on, as far as measured or estimated
 * @param drafts its drafts in the order in which they are asked
 */
public record PlanStatistics(List<Duration> rowTimes, List<DraftPlan> drafts) {
    /** Copies the lists. */
    public PlanStatistics {
        rowTimes = List.copyOf(rowTimes);
        drafts = List.copyOf(drafts);
    }

    /**
     * What became of one draft.
     *
     * @param draft its name
     * @param draftedTokens tokens it proposed for verification
     * @param acceptedTokens of these, the ones committed
     * @param levelTime what one more token of a chain costs to draft
     * @param worthwhile whether drafting with it is expected to be faster than plain decoding; if not, it is off but
     *     for a trial from time to time
     */
    public record DraftPlan(
            String draft, long draftedTokens, long acceptedTokens, Duration levelTime, boolean worthwhile) {}
}
