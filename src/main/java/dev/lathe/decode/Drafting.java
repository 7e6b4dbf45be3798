package dev.lathe.decode;

/** Puts a drafting strategy together. */
final class Drafting {
    private static final long DRAFT_NUMBERS = 1;
    private static final long ACCEPTANCE_NUMBERS = 2;

    private Drafting() {}

    static Decoding.Run start(
            String strategy,
            DecodingContext context,
            Draft draft,
            Verification verification,
            boolean withReplacement,
            ShapePlan plan) {
        if (verification == Verification.SAMPLER_MATCH || context.sampler().isGreedy()) {
            return new DraftingRun(
                    strategy, context, draft, new LikeliestTokens(context), new SamplerMatch(context), plan);
        }
        RandomNumbers drawing = new RandomNumbers(context.uniforms(DRAFT_NUMBERS));
        RandomNumbers accepting = new RandomNumbers(context.uniforms(ACCEPTANCE_NUMBERS));
        TokenChooser chooser =
                withReplacement ? new IndependentTokens(context, drawing) : new PerturbedTokens(context, drawing);
        return new DraftingRun(
                strategy, context, draft, chooser, new RecursiveRejection(context, withReplacement, accepting), plan);
    }
}
