package dev.lathe.spark;

import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.constraint.Constraint;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * How the answers of rows are generated. Immutable; each method named after a component returns changed options.
 *
 * @param maxTokens the longest answer
 * @param temperature greedy if it is 0
 * @param topP nucleus sampling; 1 for all tokens
 * @param topK sampling from so many tokens; 0 for all
 * @param minP sampling from tokens this likely beside the likeliest; 0 for all
 * @param seed of the whole dataset: each row has a seed of its own, which {@link RowSeeds} derives from it and the row's key
 * @param stop texts that end an answer and are not part of it
 * @param jsonSchema a JSON schema that every answer follows; empty for none
 * @param chat whether a prompt is a user's message, laid out by the model's own template, or a text to continue
 */
public record AnswerOptions(
        int maxTokens,
        double temperature,
        double topP,
        int topK,
        double minP,
        long seed,
        List<String> stop,
        String jsonSchema,
        boolean chat)
        implements Serializable {
    /** Greedy continuations of at most 256 tokens. */
    public static final AnswerOptions DEFAULT = new AnswerOptions(256, 0, 1, 0, 0, 0, List.of(), "", false);

    /** Checks the components on the driver, by what the executors will do with them. */
    public AnswerOptions {
        stop = List.copyOf(stop);
        Objects.requireNonNull(jsonSchema, "jsonSchema");
        generation(maxTokens, temperature, topP, topK, minP, stop, jsonSchema);
    }

    /** With answers of at most so many tokens. */
    public AnswerOptions maxTokens(int value) {
        return new AnswerOptions(value, temperature, topP, topK, minP, seed, stop, jsonSchema, chat);
    }

    /** With this temperature. */
    public AnswerOptions temperature(double value) {
        return new AnswerOptions(maxTokens, value, topP, topK, minP, seed, stop, jsonSchema, chat);
    }

    /** With nucleus sampling. */
    public AnswerOptions topP(double value) {
        return new AnswerOptions(maxTokens, temperature, value, topK, minP, seed, stop, jsonSchema, chat);
    }

    /** With so many tokens to sample from. */
    public AnswerOptions topK(int value) {
        return new AnswerOptions(maxTokens, temperature, topP, value, minP, seed, stop, jsonSchema, chat);
    }

    /** With tokens to sample from that are this likely beside the likeliest. */
    public AnswerOptions minP(double value) {
        return new AnswerOptions(maxTokens, temperature, topP, topK, value, seed, stop, jsonSchema, chat);
    }

    /** With this seed of the dataset. */
    public AnswerOptions seed(long value) {
        return new AnswerOptions(maxTokens, temperature, topP, topK, minP, value, stop, jsonSchema, chat);
    }

    /** With texts that end an answer. */
    public AnswerOptions stop(List<String> value) {
        return new AnswerOptions(maxTokens, temperature, topP, topK, minP, seed, value, jsonSchema, chat);
    }

    /** With answers that follow a JSON schema. */
    public AnswerOptions jsonSchema(String value) {
        return new AnswerOptions(maxTokens, temperature, topP, topK, minP, seed, stop, value, chat);
    }

    /** With prompts as users' messages, or as texts to continue. */
    public AnswerOptions chat(boolean value) {
        return new AnswerOptions(maxTokens, temperature, topP, topK, minP, seed, stop, jsonSchema, value);
    }

    /** What an executor generates with; the seed is the row's. */
    GenerationOptions generation() {
        return generation(maxTokens, temperature, topP, topK, minP, stop, jsonSchema);
    }

    private static GenerationOptions generation(
            int maxTokens,
            double temperature,
            double topP,
            int topK,
            double minP,
            List<String> stop,
            String jsonSchema) {
        Sampler sampler = temperature == 0 ? Sampler.greedy() : Sampler.temperature((float) temperature);
        sampler = topP == 1 ? sampler : sampler.topP((float) topP);
        sampler = topK == 0 ? sampler : sampler.topK(topK);
        sampler = minP == 0 ? sampler : sampler.minP((float) minP);
        GenerationOptions options =
                GenerationOptions.DEFAULT.sampler(sampler).maxTokens(maxTokens).stopStrings(stop);
        return jsonSchema.isEmpty() ? options : options.constraint(Constraint.jsonSchema(jsonSchema));
    }
}
