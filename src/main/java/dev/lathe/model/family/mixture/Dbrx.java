package dev.lathe.model.family.mixture;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * DBRX: layer norms without a shift, fused and clamped queries, keys and values, experts whose weights add up to 1. Databricks,
 * "Introducing DBRX", 2024.
 */
final class Dbrx implements Family {
    private static final Arrangement NORMS =
            Arrangement.sequential(TensorRole.ATTENTION_NORM, null, TensorRole.ATTENTION_OUTPUT_NORM, null);

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i)
                        .clamp(keys.number("attention.clamp_kqv", 0))
                        .experts(keys.experts(i, Scoring.SOFTMAX, true, 0, false), keys.expertSize(i))
                        .arrangement(NORMS))
                .norms(NormKind.LAYER_WITHOUT_SHIFT);
    }
}
