package dev.lathe.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.GenerationResult;
import dev.lathe.Request;
import dev.lathe.decode.constraint.Grammar;
import dev.lathe.decode.constraint.SchemaCache;
import dev.lathe.model.ContextFullException;
import dev.lathe.serve.QueueFullException;
import dev.lathe.text.json.JsonValue;
import dev.lathe.text.template.TemplateException;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/** LangChain4j's requests to an engine, and its answers as LangChain4j's. Thread-safe. */
final class Conversations {
    private static final int KEPT_SCHEMAS = 4;

    private final Engine engine;
    private final String modelName;
    private final SchemaCache schemas = new SchemaCache(KEPT_SCHEMAS);

    /**
     * Conversations with the model of an engine.
     *
     * @throws IllegalStateException if the model's file has no chat template
     */
    Conversations(Engine engine, String modelName) {
        if (engine.model().chatTemplate().isEmpty()) {
            throw new IllegalStateException("the model's file has no chat template (tokenizer.chat_template):"
                    + " use a model made for conversations, or a LatheLanguageModel");
        }
        this.engine = engine;
        this.modelName = modelName;
    }

    /** Parameters of Lathe's own kind: of others, {@code overrideWith} would lose what only Lathe's have. */
    LatheChatRequestParameters defaults(ChatRequestParameters given) {
        checkSupported(given);
        return LatheChatRequestParameters.builder()
                .modelName(modelName)
                .overrideWith(given)
                .build();
    }

    /** Refuses what Lathe cannot do. */
    void checkSupported(ChatRequestParameters parameters) {
        Parameters.checkSupported(parameters, modelName);
    }

    /** A request, not submitted yet; what is wrong with it is an exception of LangChain4j's. */
    Request request(ChatRequest chat) {
        return translating(() -> {
            Request request = Parameters.apply(engine.chat(Messages.of(chat.messages())), chat.parameters());
            Optional<Grammar> grammar = grammar(chat.parameters().responseFormat());
            return grammar.map(constraint -> request.options(request.options().constraint(constraint)))
                    .orElse(request);
        });
    }

    private Optional<Grammar> grammar(ResponseFormat format) {
        return format == null || format.type() != ResponseFormatType.JSON
                ? Optional.empty()
                : Optional.of(schemas.get(schema(format.jsonSchema())));
    }

    private static String schema(JsonSchema schema) {
        if (schema == null) {
            return SchemaCache.ANY_OBJECT;
        }
        return schema.rootElement() instanceof JsonRawSchema raw
                ? raw.schema()
                : JsonValue.of(JsonSchemaElementUtils.toMap(schema.rootElement()))
                        .toJson();
    }

    ChatResponse response(GenerationResult result) {
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(result.text()))
                .metadata(ChatResponseMetadata.builder()
                        .id("lathe-" + UUID.randomUUID())
                        .modelName(modelName)
                        .tokenUsage(LatheTokenUsage.of(result.stats()))
                        .finishReason(finishReason(result.finishReason()))
                        .build())
                .build();
    }

    static FinishReason finishReason(dev.lathe.decode.FinishReason reason) {
        return switch (reason) {
            case END_OF_TEXT, STOP_STRING -> FinishReason.STOP;
            case MAX_TOKENS, CONTEXT_FULL -> FinishReason.LENGTH;
            case TIME_LIMIT, ENERGY_LIMIT, GIVEN_UP, CANCELLED -> FinishReason.OTHER;
        };
    }

    /** Runs a request; a caller that is interrupted takes its answer along. */
    static GenerationResult run(Request request) {
        Answer answer = submit(request);
        try {
            return answer.result();
        } catch (CancellationException interrupted) {
            answer.cancel();
            throw interrupted;
        }
    }

    /** Submits a request; what is wrong with it is an exception of LangChain4j's. */
    static Answer submit(Request request) {
        return translating(request::submit);
    }

    static <T> T translating(Supplier<T> action) {
        try {
            return action.get();
        } catch (QueueFullException full) {
            throw new RateLimitException(full);
        } catch (IllegalArgumentException | ContextFullException | TemplateException wrong) {
            throw new InvalidRequestException(wrong.getMessage(), wrong);
        }
    }
}
