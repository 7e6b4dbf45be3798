package dev.lathe.model.family.llama;

import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/** Refact 1.6B: as Llama with ALiBi instead of rotation, one head of keys and values. Small Cloud AI, "Refact 1.6B", 2023. */
final class Refact implements Family {
    private static final double LARGEST_BIAS = 8;

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i).withoutRope().scores(ScoreConfig.alibi(LARGEST_BIAS)));
    }
}
