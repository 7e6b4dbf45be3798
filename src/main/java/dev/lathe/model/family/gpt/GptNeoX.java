package dev.lathe.model.family.gpt;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * GPT-NeoX and Pythia: layer norms, exact GELU without a gate, fused attention, mostly side by side on two norms, a part
 * of each head rotates. Black et al., "GPT-NeoX-20B", 2022, arXiv 2204.06745.
 */
final class GptNeoX implements Family {
    @Override
    public Description describe(Keys keys) {
        Arrangement arrangement = keys.flag("use_parallel_residual", true)
                ? Arrangement.parallel(TensorRole.ATTENTION_NORM, TensorRole.FEED_FORWARD_NORM)
                : Arrangement.NORMS_BEFORE;
        return Description.of(
                        i -> keys.layer(i).ungated(GateFunction.EXACT_GELU).arrangement(arrangement))
                .norms(NormKind.LAYER);
    }
}
