package dev.lathe.springai;

import dev.lathe.Engine;
import dev.lathe.Request;
import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Tool;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.constraint.SchemaCache;
import java.util.List;
import java.util.function.BiFunction;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingManager;

/** Spring AI's prompts as requests to an engine. Thread-safe. */
final class Requests {
    private static final int KEPT_SCHEMAS = 4;

    private final Engine engine;
    private final ToolCallingManager tools;
    private final SchemaCache schemas = new SchemaCache(KEPT_SCHEMAS);

    Requests(Engine engine, ToolCallingManager tools) {
        this.engine = engine;
        this.tools = tools;
    }

    /** A request, not submitted yet. */
    Request of(Prompt prompt, LatheChatOptions options) {
        Request request = engine.chat(Messages.of(prompt.getInstructions()), chatOptions(options));
        request = request.options(generationOptions(request.options(), options));
        request = set(request, options.getTimeLimit(), Request::deadline);
        return set(request, options.getPriority(), Request::priority);
    }

    private ChatOptions chatOptions(LatheChatOptions options) {
        List<Tool> definitions = tools.resolveToolDefinitions(options).stream()
                .map(tool -> Tool.of(tool.name(), tool.description(), tool.inputSchema()))
                .toList();
        ChatOptions chat = ChatOptions.DEFAULT.tools(definitions);
        chat = set(chat, options.getToolChoice(), ChatOptions::choice);
        return set(chat, options.getThinking(), ChatOptions::thinking);
    }

    private GenerationOptions generationOptions(GenerationOptions base, LatheChatOptions options) {
        GenerationOptions all = base.sampler(sampler(options));
        all = set(all, options.getStopSequences(), GenerationOptions::stopStrings);
        all = set(all, options.getMaxTokens(), GenerationOptions::maxTokens);
        all = set(all, options.getDecoding(), GenerationOptions::decoding);
        return set(all, options.getOutputSchema(), (o, schema) -> o.constraint(schemas.get(schema)));
    }

    /** Greedy unless a temperature is given: the default of a library whose answers can be repeated. */
    private static Sampler sampler(LatheChatOptions options) {
        Sampler sampler =
                set(Sampler.greedy(), options.getTemperature(), (_, t) -> Sampler.temperature(t.floatValue()));
        sampler = set(sampler, options.getTopP(), (s, p) -> s.topP(p.floatValue()));
        sampler = set(sampler, options.getTopK(), Sampler::topK);
        sampler = set(sampler, options.getMinP(), (s, p) -> s.minP(p.floatValue()));
        sampler = set(sampler, options.getTypicalP(), (s, p) -> s.typical(p.floatValue()));
        sampler = set(sampler, options.getRepetitionPenalty(), (s, p) -> s.repetitionPenalty(p.floatValue()));
        sampler = set(sampler, options.getFrequencyPenalty(), (s, p) -> s.frequencyPenalty(p.floatValue()));
        sampler = set(sampler, options.getPresencePenalty(), (s, p) -> s.presencePenalty(p.floatValue()));
        return set(sampler, options.getSeed(), Sampler::seed);
    }

    private static <T, V> T set(T options, V value, BiFunction<T, V, T> setter) {
        return value == null ? options : setter.apply(options, value);
    }
}
