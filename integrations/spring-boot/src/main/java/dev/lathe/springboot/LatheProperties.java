package dev.lathe.springboot;

import dev.lathe.LoadOptions;
import dev.lathe.serve.EngineOptions;
import dev.lathe.springai.LatheChatOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What an application says of its model: {@code spring.ai.lathe.*}. Nothing is made unless {@code model} is given. Null
 * where nothing is said.
 *
 * @param model a GGUF file, or a folder as Hugging Face serves it
 * @param use whether it answers conversations or makes vectors of texts
 * @param name what responses and observations call the model; the file's name unless given
 * @param threads threads that compute; 0 for the machine's cores
 * @param packed a folder that keeps packed weights, so that later starts are quick
 * @param weightMemory at most so much memory for weights; needs {@code packed}
 * @param texts how many answers are generated at once
 * @param queueCapacity how many requests wait before one more is refused
 * @param contextLength the longest prompt with its answer, in tokens
 * @param shutdown how long answers under way may take when the application ends, before they are cancelled
 * @param chat what requests have that do not say otherwise
 */
@ConfigurationProperties(LatheProperties.PREFIX)
public record LatheProperties(
        Path model,
        @DefaultValue("chat") Use use,
        String name,
        @DefaultValue("0") int threads,
        Path packed,
        DataSize weightMemory,
        Integer texts,
        Integer queueCapacity,
        Integer contextLength,
        @DefaultValue("10s") Duration shutdown,
        @DefaultValue Chat chat) {
    static final String PREFIX = "spring.ai.lathe";

    /** What a model is for. */
    public enum Use {
        /** It answers conversations: a {@code ChatModel}. */
        CHAT,
        /** It makes vectors of texts: an {@code EmbeddingModel}. */
        EMBEDDING
    }

    /**
     * What requests have that do not say otherwise: {@code spring.ai.lathe.chat.*}.
     *
     * @param temperature greedy unless it is given
     * @param seed the same one gives the same answers
     * @param maxTokens the longest answer
     * @param topP nucleus sampling
     * @param topK sampling from so many tokens
     * @param minP sampling from tokens this likely, beside the likeliest
     * @param timeLimit for one answer, waiting included
     * @param thinking whether the model thinks before it answers; as its template has it unless given
     */
    public record Chat(
            Double temperature,
            Long seed,
            Integer maxTokens,
            Double topP,
            Integer topK,
            Double minP,
            Duration timeLimit,
            Boolean thinking) {
        LatheChatOptions options() {
            return LatheChatOptions.builder()
                    .temperature(temperature)
                    .seed(seed)
                    .maxTokens(maxTokens)
                    .topP(topP)
                    .topK(topK)
                    .minP(minP)
                    .timeLimit(timeLimit)
                    .thinking(thinking)
                    .build();
        }
    }

    String modelName() {
        return name == null ? model.getFileName().toString() : name;
    }

    LoadOptions loadOptions() {
        LoadOptions options = LoadOptions.DEFAULT.threads(threads);
        options = packed == null ? options : options.packed(packed);
        return weightMemory == null ? options : options.weightMemory(weightMemory.toBytes());
    }

    EngineOptions engineOptions() {
        EngineOptions options = EngineOptions.DEFAULT;
        options = texts == null ? options : options.texts(texts);
        options = queueCapacity == null ? options : options.queueCapacity(queueCapacity);
        return contextLength == null ? options : options.contextLength(contextLength);
    }
}
