package dev.lathe.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.lathe.Request;
import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Tool;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** LangChain4j's parameters as Lathe's options. What Lathe cannot do is refused, never ignored. */
final class Parameters {
    private Parameters() {}

    /** Refuses what Lathe cannot do. */
    static void checkSupported(ChatRequestParameters parameters, String modelName) {
        if (parameters.modelName() != null && !parameters.modelName().equals(modelName)) {
            throw unsupported("the modelName parameter: it has the one model '" + modelName + "'");
        }
    }

    /**
     * Which tools may be called, and whether they are.
     *
     * @throws IllegalArgumentException if a tool's name or schema is not one that can be called
     */
    static ChatOptions chatOptions(ChatRequestParameters parameters) {
        List<Tool> tools =
                parameters.toolSpecifications().stream().map(Parameters::tool).toList();
        ChatOptions options = ChatOptions.DEFAULT.tools(tools).choice(choice(parameters.toolChoice()));
        return parameters instanceof LatheChatRequestParameters lathe
                ? set(options, lathe.thinking(), ChatOptions::thinking)
                : options;
    }

    private static Tool tool(ToolSpecification specification) {
        JsonObject schema = specification.parameters() == null
                ? new JsonObject(Map.of())
                : (JsonObject) JsonValue.of(JsonSchemaElementUtils.toMap(specification.parameters()));
        String description = specification.description() == null ? "" : specification.description();
        return new Tool(specification.name(), description, schema);
    }

    private static dev.lathe.chat.ToolChoice choice(ToolChoice choice) {
        return switch (choice) {
            case null -> dev.lathe.chat.ToolChoice.auto();
            case AUTO -> dev.lathe.chat.ToolChoice.auto();
            case REQUIRED -> dev.lathe.chat.ToolChoice.required();
            case NONE -> dev.lathe.chat.ToolChoice.none();
        };
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
