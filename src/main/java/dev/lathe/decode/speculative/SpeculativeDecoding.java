package dev.lathe.decode.speculative;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.model.LanguageModel;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Speculative decoding: a draft proposes a chain of tokens, the model evaluates all of them in one pass, and commits
 * those that stand, and one token more (Leviathan, Kalman, Matias: Fast Inference from Transformers via Speculative
 * Decoding, 2022, arXiv:2211.17192; Chen et al.: Accelerating Large Language Model Decoding with Speculative Sampling,
 * 2023, arXiv:2302.01318).
 *
 * <p>Unless chosen otherwise, drafts are verified by {@link Verification#SAMPLER_MATCH}: the text is that of plain
 * decoding, to the byte. Immutable and thread-safe; each method returns a changed strategy.
 */
public final class SpeculativeDecoding implements Decoding {
    private static final int DEFAULT_LENGTH = 3; // a pass of four rows: kernels multiply four at a time

    private final Draft draft;
    private final int draftLength;
    private final Verification verification;

    private SpeculativeDecoding(Draft draft, int draftLength, Verification verification) {
        this.draft = draft;
        this.draftLength = draftLength;
        this.verification = verification;
    }

    /** Tokens drafted by this draft. */
    public static SpeculativeDecoding of(Draft draft) {
        return new SpeculativeDecoding(
                Objects.requireNonNull(draft, "draft"), DEFAULT_LENGTH, Verification.SAMPLER_MATCH);
    }

    /** A strategy that plans what to draft: see {@link Decoding#auto}. */
    public static Decoding auto(Draft... drafts) {
        return new PlannedDecoding("auto", List.of(drafts), Integer.MAX_VALUE, AcceptanceTable.RANKS);
    }

    /**
     * Tokens drafted in each step; 3 unless given: then a pass has four rows, and a fifth costs most.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public SpeculativeDecoding draftLength(int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException(
                    "draftLength is " + tokens + ": expected at least 1; to draft nothing, decode autoregressively");
        }
        return new SpeculativeDecoding(draft, tokens, verification);
    }

    /**
     * Drafts as many tokens in each step as pays, by measured times and by how often the draft was right so far; at
     * most as many as given, and none where drafting loses.
     *
     * <p>Verified by {@link Verification#SAMPLER_MATCH}, so that the text does not depend on time.
     *
     * @throws IllegalArgumentException if the most is below 1, or if rejection sampling was chosen
     */
    public Decoding adaptiveDraftLength(int most) {
        draftLength(most);
        if (verification != Verification.SAMPLER_MATCH) {
            throw new IllegalArgumentException("adaptiveDraftLength follows measured times, and with " + verification
                    + " the text would depend on them: give a draftLength, or verify by SAMPLER_MATCH");
        }
        return new PlannedDecoding(name(), List.of(draft), most, 1);
    }

    /** How drafts are verified. */
    public SpeculativeDecoding verification(Verification choice) {
        return new SpeculativeDecoding(draft, draftLength, Objects.requireNonNull(choice, "verification"));
    }

    @Override
    public String name() {
        return "speculative";
    }

    @Override
    public void check(LanguageModel model, Sampler sampler) {
        draft.check(model);
    }

    @Override
    public Run start(DecodingContext context) {
        int[] chain = new int[draftLength];
        Arrays.fill(chain, 1);
        return Drafting.start(name(), context, draft, new TreeShape.Branching(chain), verification, false);
    }

    @Override
    public String toString() {
        return name() + "[" + draft.name() + ", draftLength=" + draftLength + ", " + verification + "]";
    }
}
