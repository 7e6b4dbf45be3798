package dev.lathe.decode;

import dev.lathe.decode.exit.EarlyExitDecoding;
import dev.lathe.decode.exit.Exit;
import dev.lathe.decode.speculative.RecursiveSpeculativeDecoding;
import dev.lathe.decode.speculative.SpeculativeDecoding;
import dev.lathe.model.LanguageModel;

/**
 * How the next tokens are computed: an immutable, thread-safe choice that starts a {@link Run} for each generation.
 *
 * <p>A strategy works step by step on a {@link DecodingContext}. The authoritative states are the context's tokens (the
 * committed text) and the model's state; between steps
 *
 * <ol>
 *   <li>the state holds exactly the committed text but its last token: {@code state.length() == context.length() - 1}.
 *       That pending token is the first row of the next pass;
 *   <li>nothing else of the state outlives a step: rows of drafts that were not committed are rewound or not kept.
 * </ol>
 *
 * <p>A step evaluates the pending token, and possibly drafts after it, and commits one or more tokens in their order,
 * each from the row of logits that follows the token before it. It does not look at end-of-generation tokens, stop
 * strings, time or the caller's limits: the loop does, truncates what is too much and rewinds the state. {@link
 * DecodingContext#remaining()} bounds what is worth drafting, and what fits.
 *
 * <p>A strategy is exact if it commits with {@link DecodingContext#commit(dev.lathe.tensor.FloatMatrix, int)} from the
 * logits of the whole model: the text is then that of {@link #autoregressive()} to the byte, sampled or greedy. One
 * that chooses by another distribution, or from other logits, says so.
 */
public interface Decoding {
    /** One pass and one token at a time. */
    static Decoding autoregressive() {
        return AutoregressiveDecoding.INSTANCE;
    }

    /**
     * A draft proposes a chain of tokens, one pass of the model verifies them. Exact: the text of {@link
     * #autoregressive()}, unless rejection sampling is chosen.
     */
    static SpeculativeDecoding speculative(Draft draft) {
        return SpeculativeDecoding.of(draft);
    }

    /**
     * A draft proposes a tree of tokens drawn without replacement, one pass of the model verifies it. Follows the
     * model's distribution; a greedy text is that of {@link #autoregressive()}.
     */
    static RecursiveSpeculativeDecoding recursiveSpeculative(Draft draft) {
        return RecursiveSpeculativeDecoding.of(draft);
    }

    /**
     * A draft proposes a tree of tokens drawn with replacement, one pass of the model verifies it (Miao et al.:
     * SpecInfer, 2023, arXiv:2305.09781, multi-step speculative sampling): what {@link #recursiveSpeculative} improves
     * on, for comparison.
     *
     * @param counts draws after each node by level; equal ones are one node
     */
    static Decoding specInfer(Draft draft, int... counts) {
        return RecursiveSpeculativeDecoding.withReplacement(draft, counts);
    }

    /**
     * Plans each step from what it measures while it runs: passes by their rows, drafts, and how often such tokens were
     * accepted. Drafts a chain and the next likeliest tokens beside it, as deep and wide as pays on this machine, and
     * nothing where drafting loses, which the {@linkplain PlanStatistics statistics} say. Exact: the text of {@link
     * #autoregressive()}. The object remembers what it measured: use one for all generations.
     *
     * @param drafts asked in this order at each place, as far as it is worth their time: cheap ones first
     */
    static Decoding auto(Draft... drafts) {
        return SpeculativeDecoding.auto(drafts);
    }

    /**
     * Tokens that are sure before the last layer are chosen there. Not exact: see {@link EarlyExitDecoding}.
     */
    static EarlyExitDecoding earlyExit(Exit exit) {
        return EarlyExitDecoding.of(exit);
    }

    /** The strategy's name in statistics. */
    String name();

    /**
     * Refuses what this strategy cannot work with, before anything is evaluated: nothing, unless it says so.
     *
     * @throws IllegalArgumentException if it cannot decode this model, or not with this sampler; says why and what can
     */
    default void check(LanguageModel model, Sampler sampler) {}

    /** Starts after the first token was committed from the prompt's logits. */
    Run start(DecodingContext context);

    /** A strategy at work on one generation. One thread at a time. */
    interface Run extends AutoCloseable {
        /** Commits one or more tokens; the invariants of {@link Decoding} hold before and after. */
        void step();

        /** What was done so far; also after closing. */
        DecodingStatistics statistics();

        /** Frees what the run owns, such as a draft's state: nothing, unless it says so. The context stays the caller's. */
        @Override
        default void close() {}
    }
}
