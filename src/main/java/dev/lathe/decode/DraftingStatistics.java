package dev.lathe.decode;

import java.time.Duration;
import java.util.Optional;

/**
 * What drafting cost a strategy, and what verifying the drafts did.
 *
 * @param draft the draft's name
 * @param draftPasses passes of draft models; 0 for drafts that compute none
 * @param draftRows rows evaluated in these passes
 * @param plainSteps steps that verified no draft, because none was made or none was worth its cost
 * @param draftTime time spent drafting
 * @param verifyTime time of the target's passes
 * @param plan what a planner measured and decided, where there is one
 */
public record DraftingStatistics(
        String draft,
        long draftPasses,
        long draftRows,
        long plainSteps,
        Duration draftTime,
        Duration verifyTime,
        Optional<PlanStatistics> plan) {}
