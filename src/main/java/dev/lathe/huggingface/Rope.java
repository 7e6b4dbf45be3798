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
            case "default", "llama3" -> {}
            case "longrope", "su" -> {
                if (!keys.architecture().equals("phi3")) {
                    throw new JsonException("'rope_type' is " + type() + ", which is read of Phi 3 alone");
                }
            }
            case "linear" -> {
                keys.text("rope.scaling.type", "linear");
                keys.number("rope.scaling.factor", scaling.doubleValue("factor"));
            }
            case "yarn" -> {
                for (String unknown : new String[] {"attention_factor", "mscale", "mscale_all_dim", "truncate"}) {
                    if (scaling.find(unknown).isPresent()) {
                        throw new JsonException("'" + unknown + "' of the yarn scaling is not supported");
                    }
                }
                keys.text("rope.scaling.type", "yarn");
                keys.number("rope.scaling.factor", scaling.doubleValue("factor"));
                keys.count(
                        "rope.scaling.original_context_length",
                        scaling.findLong("original_max_position_embeddings")
                                .orElseGet(() -> (long) config.integer("max_position_embeddings")));
                scaling.findDouble("beta_fast").ifPresent(beta -> keys.number("rope.scaling.yarn_beta_fast", beta));
                scaling.findDouble("beta_slow").ifPresent(beta -> keys.number("rope.scaling.yarn_beta_slow", beta));
            }
            default ->
                throw new JsonException("'rope_type' is " + type() + "; supported: default, linear, yarn, llama3");
        }
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
