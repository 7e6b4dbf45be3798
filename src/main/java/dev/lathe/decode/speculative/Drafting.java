package dev.lathe.decode.speculative;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Draft;

/** Puts strategies with trees of one shape together. */
final class Drafting {
    private static final long DRAFT_NUMBERS = 1;
    private static final long ACCEPTANCE_NUMBERS = 2;

    private Drafting() {}

    static Decoding.Run start(
            String strategy,
            DecodingContext context,
            Draft draft,
            TreeShape shape,
            Verification verification,
            boolean withReplacement) {
        if (verification == Verification.SAMPLER_MATCH || context.sampler().isGreedy()) {
            TreeGrower grower = shape.grower(draft, context, new LikeliestTokens(context));
            return new DraftingRun(strategy, draft.name(), context, grower, new SamplerMatch(context));
        }
        RandomNumbers drawing = new RandomNumbers(context.uniforms(DRAFT_NUMBERS));
        RandomNumbers accepting = new RandomNumbers(context.uniforms(ACCEPTANCE_NUMBERS));
        TokenChooser chooser =
                withReplacement ? new IndependentTokens(context, drawing) : new PerturbedTokens(context, drawing);
        TreeGrower grower = shape.grower(draft, context, chooser);
        return new DraftingRun(
                strategy, draft.name(), context, grower, new RecursiveRejection(context, withReplacement, accepting));
    }
}
