package dev.lathe.decode;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** What drafting did in one generation, as a flight recording has it. */
@Name("dev.lathe.Speculation")
@Label("Speculation")
@Description("What drafting did in one generation; told when it ends")
@Category({"Lathe", "Generation"})
@StackTrace(false)
final class SpeculationEvent extends Event {
    @Label("Strategy")
    @Description("How the generation was computed")
    private String strategy;

    @Label("Draft")
    @Description("What drafted")
    private String draft;

    @Label("Passes")
    @Description("Passes of the model that verifies")
    private long passes;

    @Label("Tokens")
    @Description("Tokens committed by these passes")
    private long tokens;

    @Label("Drafted Tokens")
    @Description("Tokens proposed for verification")
    private long draftedTokens;

    @Label("Accepted Tokens")
    @Description("Proposed tokens that were committed")
    private long acceptedTokens;

    @Label("Acceptance Rate")
    @Description("Share of the proposed tokens that were committed")
    @Percentage
    private double acceptanceRate;

    @Label("Draft Passes")
    @Description("Passes of draft models")
    private long draftPasses;

    @Label("Draft Time")
    @Description("Time spent drafting")
    @Timespan
    private long draftTime;

    @Label("Verify Time")
    @Description("Time of the passes that verify")
    @Timespan
    private long verifyTime;

    void report(DecodingStatistics decoding, DraftingStatistics drafting) {
        strategy = decoding.strategy();
        draft = drafting.draft();
        passes = decoding.steps();
        tokens = decoding.tokens();
        draftedTokens = decoding.draftedTokens();
        acceptedTokens = decoding.acceptedTokens();
        acceptanceRate = decoding.acceptanceRate();
        draftPasses = drafting.draftPasses();
        draftTime = drafting.draftTime().toNanos();
        verifyTime = drafting.verifyTime().toNanos();
        commit();
    }
}
