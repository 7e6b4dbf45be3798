package dev.lathe.model.family.mixture;

import dev.lathe.model.config.AttentionConfig.LatentConfig;
import dev.lathe.model.config.ExpertsConfig.Scoring;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.RopeConfig;
import dev.lathe.model.config.RopeConfig.Scaling;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.family.card.Description;
import dev.lathe.model.family.card.Family;
import dev.lathe.model.family.card.Keys;

/**
 * DeepSeek V2, V2 Lite, V3 and R1, and what else is built so (Kimi K2): latent attention; dense layers first, then
 * experts in groups with shared ones, scored by softmax (V2) or by sigmoids with a bias for choosing (V3). DeepSeek-AI,
 * "DeepSeek-V2", 2024, arXiv 2405.04434; "DeepSeek-V3 Technical Report", 2024, arXiv 2412.19437.
 */
final class DeepSeek2 implements Family {

    @Override
    public Description describe(Keys keys) {
        return Description.of(i -> layer(keys, i));
    }

    private static LayerConfig.Builder layer(Keys keys, int i) {
        int keySize = keys.integer("attention.key_length_mla", keys.keySize(i));
        int rotary = keys.rotaryDimensions(keySize);
        LatentConfig latent = new LatentConfig(
                keys.integer("attention.q_lora_rank", 0),
                keys.integer("attention.kv_lora_rank", 0),
                keySize - rotary,
                keys.integer("attention.value_length_mla", keySize - rotary));
        RopeConfig rope = keys.rope(keySize);
        LayerConfig.Builder layer = keys.layer(i)
                .rotaryOrder(RotaryOrder.PAIRS)
                .rope(withoutGrowth(rope))
                .scale(growth(rope) * growth(rope) / Math.sqrt(keySize))
                .latent(latent, rotary);
        return keys.hasExperts()
                ? keys.routed(layer, i, keys.scoring(Scoring.SOFTMAX), keys.sharedExpertsSize(i))
                : layer;
    }

    /** Where the file has a multiplier, scores grow instead of queries and keys. */
    private static RopeConfig withoutGrowth(RopeConfig config) {
        return config.scaling() instanceof Scaling.Yarn yarn && yarn.logMultiplier() != 0
                ? new RopeConfig(
                        config.dimensions(),
                        config.base(),
                        new Scaling.Yarn(
                                yarn.factor(),
                                yarn.originalContextLength(),
                                yarn.betaFast(),
                                yarn.betaSlow(),
                                yarn.truncated(),
                                1,
                                yarn.attentionFactor()))
                : config;
    }

    /** Files hold the multiplier of the factor's logarithm times 0.1. */
    private static double growth(RopeConfig config) {
        return config.scaling() instanceof Scaling.Yarn yarn && yarn.factor() > 1
                ? yarn.logMultiplier() * StrictMath.log(yarn.factor()) + 1
                : 1;
    }
}
