package dev.lathe.decode.speculative;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.model.LanguageModel;
import java.util.Arrays;
import java.util.Objects;

/**
 * Recursive speculative decoding: a draft proposes a tree of tokens drawn without replacement, the model evaluates it
 * in one pass, and recursive rejection sampling commits a path of it, and one token more (Jeon, Gagrani, Goel, Park,
 * Lee, Lott: Recursive Speculative Decoding: Accelerating LLM Inference via Sampling Without Replacement, 2024,
 * arXiv:2402.14160).
 *
 * <p>{@link #branching} is the paper's RSD-C: so many children for every node of a level. {@link #beam} is its RSD-S:
 * the best sequences of each level by stochastic beam search, so that unlikely branches end early. {@link #budget} lets
 * the tree's shape follow the draft's predictions.
 *
 * <p>Unless chosen otherwise, drafts are verified as in the paper, by {@link Verification#REJECTION_SAMPLING}: a
 * sampled text follows the model's distribution, but is not the text of plain decoding. A greedy text is. Immutable and
 * thread-safe; each method returns a changed strategy.
 */
public final class RecursiveSpeculativeDecoding implements Decoding {
    private final Draft draft;
    private final TreeShape shape;
    private final Verification verification;
    private final boolean withReplacement;

    private RecursiveSpeculativeDecoding(
            Draft draft, TreeShape shape, Verification verification, boolean withReplacement) {
        this.draft = draft;
        this.shape = shape;
        this.verification = verification;
        this.withReplacement = withReplacement;
    }

    /** Trees of tokens drawn from this draft without replacement. */
    public static RecursiveSpeculativeDecoding of(Draft draft) {
        return new RecursiveSpeculativeDecoding(
                Objects.requireNonNull(draft, "draft"),
                new TreeShape.Branching(2, 1, 1),
                Verification.REJECTION_SAMPLING,
                false);
    }

    /** Trees of tokens drawn with replacement: see {@link Decoding#specInfer}. */
    public static RecursiveSpeculativeDecoding withReplacement(Draft draft, int... counts) {
        RecursiveSpeculativeDecoding tree = of(draft).branching(counts);
        return new RecursiveSpeculativeDecoding(draft, tree.shape, Verification.REJECTION_SAMPLING, true);
    }

    /**
     * Drafts a tree in which each node has so many children: {@code branching(3, 2, 1)} has 3 + 6 + 6 nodes. (2, 1, 1)
     * unless given.
     *
     * @param counts children of a node by level, the root's first
     * @throws IllegalArgumentException if there are none, or one is below 1
     */
    public RecursiveSpeculativeDecoding branching(int... counts) {
        if (counts.length == 0 || Arrays.stream(counts).anyMatch(count -> count < 1)) {
            throw new IllegalArgumentException(
                    "branching is " + Arrays.toString(counts) + ": expected the children of each level, at least 1");
        }
        return new RecursiveSpeculativeDecoding(
                draft, new TreeShape.Branching(counts.clone()), verification, withReplacement);
    }

    /**
     * Drafts the best sequences by stochastic beam search: at most {@code width * depth} nodes.
     *
     * @param width sequences kept at each level
     * @param depth levels
     * @throws IllegalArgumentException if one is below 1
     */
    public RecursiveSpeculativeDecoding beam(int width, int depth) {
        if (width < 1 || depth < 1) {
            throw new IllegalArgumentException(
                    "beam is " + width + " wide and " + depth + " deep: expected at least 1 of both");
        }
        return new RecursiveSpeculativeDecoding(draft, new TreeShape.Beam(width, depth), verification, withReplacement);
    }

    /**
     * Drafts so many tokens in each step, each of them where it promises most: deep where the draft is sure and was
     * right so far, wide where it is not (as Xiong et al.: DySpec: Faster Speculative Decoding with Dynamic Token Tree
     * Structure, 2024, arXiv:2410.11744, with probabilities of acceptance that are measured as the generation goes on).
     * As exact as the other shapes: whether a token is drawn never depends on which one it would be.
     *
     * @param tokens the most tokens drafted in a step; the draft makes about as many passes
     * @throws IllegalArgumentException if it is below 1
     */
    public RecursiveSpeculativeDecoding budget(int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("budget is " + tokens + " tokens: expected at least 1");
        }
        return new RecursiveSpeculativeDecoding(draft, new TreeShape.Budget(tokens), verification, withReplacement);
    }

    /** How drafts are verified. */
    public RecursiveSpeculativeDecoding verification(Verification choice) {
        return new RecursiveSpeculativeDecoding(
                draft, shape, Objects.requireNonNull(choice, "verification"), withReplacement);
    }

    @Override
    public String name() {
        return withReplacement
                ? "specinfer"
                : switch (shape) {
                    case TreeShape.Beam _ -> "rsd-s";
                    case TreeShape.Budget _ -> "rsd-budget";
                    case TreeShape.Levels _ -> "rsd-c";
                };
    }

    @Override
    public void check(LanguageModel model, Sampler sampler) {
        draft.check(model);
    }

    @Override
    public Run start(DecodingContext context) {
        return Drafting.start(name(), context, draft, shape, verification, withReplacement);
    }

    @Override
    public String toString() {
        return name() + "[" + draft.name() + ", " + shape + ", " + verification + "]";
    }
}
