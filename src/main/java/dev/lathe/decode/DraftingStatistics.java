package dev.lathe.decode;

import java.time.Duration;

/**
 * What drafting cost a strategy, and what verifying the drafts did.
 *
 * @param draft the draft's name
 * @param draftPasses passes of draft models; 0 for drafts that compute none
 * @param draftRows rows evaluated in these passes
 * @param draftTime time spent drafting
 * @param verifyTime time of the target's passes
 */
public record DraftingStatistics(
        String draft, long draftPasses, long draftRows, Duration draftTime, Duration verifyTime) {}
