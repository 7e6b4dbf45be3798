package dev.lathe.model.family.gpt;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Command R: attention and feed-forward part side by side on one layer norm without a shift; logits have a factor.
 * Heads of Command R+ are normed, each with a gain of its own. Cohere, "Command R", 2024.
 */
final class CommandR implements Family {
    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i)
                        .rotaryOrder(RotaryOrder.PAIRS)
                        .headNorm(HeadNorm.OWN_GAINS)
                        .arrangement(Arrangement.PARALLEL))
                .norms(NormKind.LAYER_WITHOUT_SHIFT)
                .ends(EndsConfig.PLAIN.logitScale(keys.number("logit_scale", 1)));
    }
}
