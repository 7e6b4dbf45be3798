package dev.lathe.model.family.gpt;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * StableLM 2 and StableLM 3B: as Llama with layer norms, a part of each head rotates; in some models attention and
 * feed-forward part stand side by side, and the heads of StableLM 2 12B are normed, each with a gain of its own.
 * Bellagente et al., "Stable LM 2 1.6B Technical Report", 2024, arXiv 2402.17834.
 */
final class StableLm implements Family {
    @Override
    public Description describe(Keys keys) {
        boolean parallel = keys.flag("use_parallel_residual", false);
        return Description.of(i -> keys.layer(i)
                        .headNorm(HeadNorm.OWN_GAINS)
                        .arrangement(parallel ? Arrangement.PARALLEL : Arrangement.NORMS_BEFORE))
                .norms(NormKind.LAYER);
    }
}
