package dev.lathe.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.lathe.Request;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import java.util.function.BiFunction;

/** LangChain4j's parameters as Lathe's options. What Lathe cannot do is refused, never ignored. */
final class Parameters {
    private Parameters() {}

    /** Refuses what Lathe cannot do. */
    static void checkSupported(ChatRequestParameters parameters, String modelName) {
        if (parameters.modelName() != null && !parameters.modelName().equals(modelName)) {
            throw unsupported("the modelName parameter: it has the one model '" + modelName + "'");
        }
        if (parameters.toolChoice() == ToolChoice.REQUIRED) {
            throw unsupported("ToolChoice.REQUIRED");
        }
        if (!parameters.toolSpecifications().isEmpty()) {
            throw unsupported("tools");
        }
    }

    /**
     * The request with these parameters.
     *
     * @throws IllegalArgumentException if a parameter is out of its range
     */
    static Request apply(Request request, ChatRequestParameters parameters) {
        // Greedy unless a temperature is given: the default of a library whose answers can be repeated.
        Sampler sampler =
                set(Sampler.greedy(), parameters.temperature(), (_, t) -> Sampler.temperature(t.floatValue()));
        sampler = set(sampler, parameters.topP(), (s, p) -> s.topP(p.floatValue()));
        sampler = set(sampler, parameters.topK(), Sampler::topK);
        sampler = set(sampler, parameters.frequencyPenalty(), (s, p) -> s.frequencyPenalty(p.floatValue()));
        sampler = set(sampler, parameters.presencePenalty(), (s, p) -> s.presencePenalty(p.floatValue()));
        GenerationOptions options = request.options().stopStrings(parameters.stopSequences());
        options = set(options, parameters.maxOutputTokens(), GenerationOptions::maxTokens);
        Request result = request;
        if (parameters instanceof LatheChatRequestParameters lathe) {
            sampler = set(sampler, lathe.seed(), Sampler::seed);
            sampler = set(sampler, lathe.minP(), (s, p) -> s.minP(p.floatValue()));
            sampler = set(sampler, lathe.typicalP(), (s, p) -> s.typical(p.floatValue()));
            sampler = set(sampler, lathe.repetitionPenalty(), (s, p) -> s.repetitionPenalty(p.floatValue()));
            options = set(options, lathe.decoding(), GenerationOptions::decoding);
            result = set(result, lathe.timeLimit(), Request::deadline);
            result = set(result, lathe.priority(), Request::priority);
        }
        return result.options(options.sampler(sampler));
    }

    private static <T, V> T set(T options, V value, BiFunction<T, V, T> setter) {
        return value == null ? options : setter.apply(options, value);
    }

    static UnsupportedFeatureException unsupported(String what) {
        return new UnsupportedFeatureException("Lathe does not support " + what);
    }
}
