package dev.lathe.model.family.gpt;

import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * GPT-2: learned positions, layer norms, GELU without a gate, fused attention, biases everywhere. Radford et al.,
 * "Language Models are Unsupervised Multitask Learners", 2019.
 */
final class Gpt2 implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).withoutRope().ungated(GateFunction.GELU))
                .norms(NormKind.LAYER)
                .ends(EndsConfig.PLAIN.positioned());
    }
}
