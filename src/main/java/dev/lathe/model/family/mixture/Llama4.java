package dev.lathe.model.family.mixture;

import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * Llama 4 on text: three of four layers rotate and see their own chunk of 8192 positions, the fourth does not rotate, sees all, and its
 * queries grow with their position; heads are normed without gains after they rotate, but in the large model; experts whose weights,
 * sigmoids, multiply what they read, and a shared one. Meta, "The Llama 4 herd", 2025.
 */
final class Llama4 implements Family {
    private static final int PATTERN = 4;
    private static final int CHUNK = 8192;
    private static final double TEMPERATURE_SCALE = 0.1;
    private static final int EXPERTS_OF_THE_LARGE_ONE = 128;

    @Override
    public Description describe(Keys keys) {
        if (keys.slidingWindow(CHUNK) == 0) {
            throw new IllegalArgumentException("layers without chunks are not known of models with experts");
        }
        int step = keys.integer("interleave_moe_layer_step", 1);
        return Description.of(i -> {
            LayerConfig.Builder layer = attention(keys, i);
            if (step <= 0 || (i + 1) % step != 0) {
                return layer;
            }
            int size = keys.expertSize(i);
            return layer.experts(
                    keys.experts(i, Scoring.SIGMOID_OF_CHOSEN, false, size, false)
                            .withWeightedInputs(),
                    size);
        });
    }

    private static LayerConfig.Builder attention(Keys keys, int i) {
        LayerConfig.Builder layer = keys.layer(i).slidingWindow(0).rotaryOrder(RotaryOrder.PAIRS);
        if (!keys.isSliding(i, PATTERN)) {
            return layer.withoutRope().scores(ScoreConfig.temperature(TEMPERATURE_SCALE, CHUNK, 1));
        }
        boolean normed = keys.expertCount(i) != EXPERTS_OF_THE_LARGE_ONE;
        return layer.chunk(CHUNK).headNorm(normed ? HeadNorm.EACH_ROTATED_HEAD_WITHOUT_GAIN : HeadNorm.NONE);
    }
}
