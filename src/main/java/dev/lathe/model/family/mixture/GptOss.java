package dev.lathe.model.family.mixture;

import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * gpt-oss: experts with biases and clamped gates, chosen by their scores and weighted by the softmax of those chosen;
 * windows in every other layer; a sink in each head. OpenAI, "gpt-oss-120b and gpt-oss-20b Model Card", 2025, arXiv
 * 2508.10925.
 */
final class GptOss implements Family {
    private static final Arrangement ARRANGEMENT =
            Arrangement.sequential(TensorRole.ATTENTION_NORM, null, TensorRole.POST_ATTENTION_NORM, null);

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> keys.layer(i)
                .slidingWindow(keys.isSliding(i, 2) ? keys.slidingWindow(128) : 0)
                .scores(new ScoreConfig(0, 0, true, 0, 0, 0))
                .gated(GateFunction.CLAMPED_SILU)
                .experts(keys.experts(i, Scoring.SOFTMAX_OF_CHOSEN, false, 0, false), keys.expertSize(i))
                .arrangement(ARRANGEMENT));
    }
}
