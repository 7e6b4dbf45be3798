package dev.lathe.model.family.gpt;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Falcon: layer norms, exact GELU without a gate, fused attention with few heads of keys, side by side: on one norm with
 * one head of keys, else on two. Almazrouei et al., "The Falcon Series of Open Language Models", 2023, arXiv 2311.16867.
 */
final class Falcon implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i)
                        .ungated(GateFunction.EXACT_GELU)
                        .arrangement(
                                keys.keyValueHeadCount(i) == 1
                                        ? Arrangement.PARALLEL
                                        : Arrangement.parallel(TensorRole.ATTENTION_NORM_2, TensorRole.ATTENTION_NORM)))
                .norms(NormKind.LAYER);
    }
}
