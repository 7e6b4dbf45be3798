package dev.lathe.huggingface;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonObject;
import java.util.Optional;

/**
 * How positions are rotated.
 *
 * @param base base of the frequencies
 * @param scaling the object that stretches them
 */
record Rope(double base, JsonObject scaling) {
    private String type() {
        return scaling.findText("rope_type").or(() -> scaling.findText("type")).orElse("default");
    }

    void describe(Config config, Keys keys) {
        keys.number("rope.freq_base", base);
        switch (type()) {
            case "default", "llama3", "mrope" -> {}
            case "longrope", "su" -> {
                if (!keys.architecture().equals("phi3")) {
                    throw new JsonException("'rope_type' is " + type() + ", which is read of Phi 3 alone");
                }
            }
            case "dynamic" -> {
                if (!keys.architecture().equals("hunyuan-dense")) {
                    throw new JsonException("'rope_type' is dynamic, which is read of Hunyuan alone");
                }
                double size = config.headSize();
                keys.number("rope.freq_base", base * Math.pow(scaling.doubleValue("alpha"), size / (size - 2)));
            }
            case "linear" -> {
                keys.text("rope.scaling.type", "linear");
                keys.number("rope.scaling.factor", scaling.doubleValue("factor"));
            }
            case "yarn" -> {
                keys.text("rope.scaling.type", "yarn");
                keys.number("rope.scaling.factor", scaling.doubleValue("factor"));
                keys.count(
                        "rope.scaling.original_context_length",
                        scaling.findLong("original_max_position_embeddings")
                                .orElseGet(() -> (long) config.integer("max_position_embeddings")));
                scaling.findDouble("beta_fast").ifPresent(beta -> keys.number("rope.scaling.yarn_beta_fast", beta));
                scaling.findDouble("beta_slow").ifPresent(beta -> keys.number("rope.scaling.yarn_beta_slow", beta));
                scaling.findBoolean("truncate").ifPresent(rounds -> keys.flag("rope.scaling.yarn_truncate", rounds));
                describeGrowth(keys);
            }
            default ->
                throw new JsonException("'rope_type' is " + type() + "; supported: default, linear, yarn, llama3");
        }
    }

    /**
     * By which queries and keys grow: a factor of the growth that files imply, or two multipliers of its logarithm, of which the
     * second takes growth back.
     */
    private void describeGrowth(Keys keys) {
        double factor = scaling.doubleValue("factor");
        double usual = growth(factor, 1);
        Optional<Double> given = scaling.findDouble("attention_factor");
        if (given.isPresent()) {
            keys.number("rope.scaling.attn_factor", given.get() / usual);
            return;
        }
        double multiplier = scaling.findDouble("mscale").orElse(0.0);
        double takenBack = scaling.findDouble("mscale_all_dim").orElse(0.0);
        if (multiplier != 0 && takenBack != 0 && multiplier != takenBack || multiplier == 0 && takenBack != 0) {
            throw new JsonException("'mscale' of the yarn scaling is " + multiplier + " and 'mscale_all_dim' "
                    + takenBack + "; supported are equal ones");
        }
        if (takenBack != 0 && keys.architecture().equals("deepseek2")) {
            keys.number("rope.scaling.yarn_log_multiplier", 0.1 * takenBack); // scores grow by it, files have a tenth
        } else if (takenBack != 0) {
            keys.number("rope.scaling.attn_factor", 1 / usual);
        }
    }

    private static double growth(double factor, double multiplier) {
        return factor <= 1 ? 1 : 0.1 * multiplier * StrictMath.log(factor) + 1;
    }

    /** Whether there are factors for short and for long contexts. */
    boolean isLong() {
        return type().equals("longrope") || type().equals("su");
    }

    /**
     * Divisors of the frequencies as Llama 3.1 stretches them: low frequencies by the factor, high ones not, and a
     * smooth way between (Grattafiori et al. 2024, The Llama 3 Herd of Models, arXiv 2407.21783, section 3.4.2).
     *
     * @param size values of a head that are rotated
     */
    Optional<float[]> divisors(int size) {
        if (!type().equals("llama3")) {
            return Optional.empty();
        }
        double factor = scaling.doubleValue("factor");
        double low = scaling.doubleValue("low_freq_factor");
        double high = scaling.doubleValue("high_freq_factor");
        double context = scaling.doubleValue("original_max_position_embeddings");
        if (!(factor > 0) || !(low > 0) || !(high > low) || !(context > 0)) {
            throw new JsonException("the llama3 scaling has the factor " + factor + " from " + low + " to " + high
                    + " of the context " + context);
        }
        float[] divisors = new float[size / 2];
        for (int i = 0; i < divisors.length; i++) {
            double wavelength = 2 * Math.PI * StrictMath.pow(base, 2.0 * i / size);
            double share = Math.clamp((context / wavelength - low) / (high - low), 0, 1);
            divisors[i] = (float) (1 / ((1 - share) / factor + share));
        }
        return Optional.of(divisors);
    }
}
