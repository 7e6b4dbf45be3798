package dev.lathe;

import dev.lathe.decode.Sampler;
import dev.lathe.gguf.Metadata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a model's makers advise for generation: a GGUF file's {@code general.sampling} keys, a folder's {@code
 * generation_config.json}. Offered to programs; the library applies none of it by itself.
 *
 * <pre>{@code
 * session.generate(prompt).sampler(model.generationDefaults().sampler()).run();
 * }</pre>
 *
 * @param temperature divisor of the logits; 0 for the most probable token
 * @param topK tokens to sample from
 * @param topP share of the distribution to sample from
 * @param minP least share of the most probable token's probability
 * @param repetitionPenalty divisor of the logits of tokens that occurred
 * @param penaltyWindow how many tokens back the penalty looks
 * @param endTokens tokens that end a text, those by which the tokenizer knows its end among them
 */
public record GenerationDefaults(
        OptionalDouble temperature,
        OptionalInt topK,
        OptionalDouble topP,
        OptionalDouble minP,
        OptionalDouble repetitionPenalty,
        OptionalInt penaltyWindow,
        List<Integer> endTokens) {
    private static final String PREFIX = "general.sampling.";

    /** The key of further tokens that end a text: an array of integers. */
    private static final String END_TOKENS = "lathe.end_token_ids";

    /** Copies the list. */
    public GenerationDefaults {
        endTokens = List.copyOf(endTokens);
    }

    /** What metadata say. */
    static GenerationDefaults of(Metadata metadata) {
        List<Integer> ends = new ArrayList<>();
        for (String key : List.of("eos", "eot", "eom")) {
            metadata.findInteger("tokenizer.ggml." + key + "_token_id").ifPresent(token -> ends.add((int) token));
        }
        metadata.findInts(END_TOKENS).ifPresent(tokens -> Arrays.stream(tokens).forEach(ends::add));
        return new GenerationDefaults(
                metadata.findNumber(PREFIX + "temp"),
                count(metadata, "top_k"),
                metadata.findNumber(PREFIX + "top_p"),
                metadata.findNumber(PREFIX + "min_p"),
                metadata.findNumber(PREFIX + "penalty_repeat"),
                count(metadata, "penalty_last_n"),
                ends.stream().distinct().toList());
    }

    /** Numbers below 1 mean that there is no limit. */
    private static OptionalInt count(Metadata metadata, String name) {
        return metadata.findInteger(PREFIX + name).stream()
                .filter(value -> value > 0)
                .mapToInt(value -> Math.clamp(value, 1, Integer.MAX_VALUE))
                .findFirst();
    }

    /**
     * A sampler of these settings; greedy where no temperature is advised.
     *
     * @throws IllegalArgumentException if a setting is one that no sampler can have; says which
     */
    public Sampler sampler() {
        Sampler sampler = Sampler.temperature((float) temperature.orElse(0));
        sampler = topK.isPresent() ? sampler.topK(topK.getAsInt()) : sampler;
        sampler = topP.isPresent() ? sampler.topP((float) topP.getAsDouble()) : sampler;
        sampler = minP.isPresent() ? sampler.minP((float) minP.getAsDouble()) : sampler;
        if (repetitionPenalty.orElse(1) != 1) {
            sampler = sampler.repetitionPenalty((float) repetitionPenalty.getAsDouble());
            sampler = penaltyWindow.isPresent() ? sampler.penaltyWindow(penaltyWindow.getAsInt()) : sampler;
        }
        return sampler;
    }
}
