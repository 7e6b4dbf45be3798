package dev.lathe.decode;

import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.SkippedParts;
import dev.lathe.tensor.FloatMatrix;

/**
 * What proposes the tokens after a text, for a strategy that lets the model verify them: a smaller model, what followed
 * the same words earlier in the text, a part of the model itself.
 *
 * <p>A draft predicts; the strategy chooses what to draft from that. A prediction is a row of logits over the model's
 * vocabulary, to be processed like the model's own. No prediction makes a text wrong: a bad one is only not accepted.
 * Immutable and thread-safe; each generation has a {@link Run} of its own.
 */
public interface Draft {
    /**
     * A draft by another model of the same vocabulary, usually a smaller one; it stays the caller's to close. Its keys
     * and values of a session's text are kept until the session is closed, so a conversation costs the draft its new
     * part alone.
     */
    static Draft model(LanguageModel model) {
        return new ModelDraft(model);
    }

    /** A draft by what followed the last 1 to 8 tokens earlier in the text. */
    static Draft ngram() {
        return ngram(1, 8);
    }

    /**
     * A draft by what followed the last tokens earlier in the text.
     *
     * @param shortest how many tokens must be the same at least; with 1 it nearly always predicts something, so before
     *     {@link #orElse} 2 or 3 are better
     * @param longest how many are compared, at most 64; where more are the same, the draft is surer
     * @throws IllegalArgumentException if the shortest is below 1 or above the longest, or the longest above 64
     */
    static Draft ngram(int shortest, int longest) {
        return NgramDraft.ofLengths(shortest, longest);
    }

    /**
     * A draft by the text's constraint: what it leaves no choice about. Drafts nothing in a text without one; give it
     * another draft for {@linkplain #orElse the rest}.
     */
    static Draft forced() {
        return ForcedDraft.INSTANCE;
    }

    /**
     * The model's own first layers, with its final norm and head: an early exit, whose rows the verifying pass takes up
     * where they stand (Elhoushi et al.: LayerSkip, 2024, arXiv:2404.16710, section 4.3). Needs no memory of its own. A
     * model that was not trained to exit early accepts few of these drafts: measure it.
     *
     * @param count from 1 to one less than the model has
     */
    static Draft firstLayers(int count) {
        return new SelfDraft("first " + count + " layers", layerCount -> SkippedParts.after(count, layerCount));
    }

    /**
     * The model itself without some of its parts (Zhang et al.: Draft &amp; Verify, 2023, arXiv:2309.08168). It drafts
     * on the model's own keys and values of the text, and needs no memory of its own.
     */
    static Draft skipping(SkippedParts parts) {
        return new SelfDraft("skipping " + parts, layerCount -> parts);
    }

    /** This draft, and where it predicts nothing, the other. */
    default Draft orElse(Draft other) {
        return new FirstPrediction(this, other);
    }

    /** The draft's name in statistics. */
    String name();

    /**
     * Refuses a model that this draft cannot draft for, before anything is evaluated; a draft that does not say otherwise
     * can for all.
     *
     * @throws IllegalArgumentException if it cannot, such as for another vocabulary; says why and what can
     */
    default void check(LanguageModel target) {}

    /** Starts to follow a generation's text. */
    Run start(DecodingContext context);

    /** A draft at work on one generation. One thread at a time. */
    interface Run extends AutoCloseable {
        /**
         * Predicts the tokens after some nodes of a tree of drafted tokens. The tree follows the committed text of the
         * moment; a tree not seen before means that the text may have gone on, by any tokens, and that nothing of
         * former trees counts.
         *
         * @param tree the tree drafted so far; grows between calls
         * @param nodes nodes of the tree, ascending, each one asked once; all of one depth
         * @return logits [nodes x vocabulary], valid until the next call on this run; a token of minus infinity is not
         *     proposed, and a row of nothing else proposes nothing
         */
        FloatMatrix predict(DraftTree tree, int... nodes);

        /**
         * The target's pass over the whole tree, row by row its nodes. A draft that computed a part of that pass
         * already, in the target's own state, goes on from there: to the same bits.
         *
         * <p>The tree is the one asked about last, or another one, such as a part of it.
         *
         * @param target the state that decides; holds the committed text but its last token, which is the tree's root
         * @return logits [nodes x vocabulary], valid until the next call on the state
         */
        default FloatMatrix verify(InferenceState target, DraftTree tree) {
            return target.forward(tree.batch());
        }

        /**
         * How many rows {@link #predict} would evaluate after this node now: more than one where the text went on
         * without this draft. For estimates of time; 1 where it is always the same.
         */
        default int missingRows(DraftTree tree, int node) {
            return 1;
        }

        /** Passes of a draft model so far, also after closing; 0 where there is no such model. */
        default long passes() {
            return 0;
        }

        /** Rows evaluated in these passes. */
        default long rows() {
            return 0;
        }

        /** Frees what the run owns. */
        @Override
        default void close() {}
    }
}
