package dev.lathe.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.UnsupportedFeatureException;
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
import dev.lathe.chat.Reply;
import dev.lathe.chat.ToolCall;
import dev.lathe.decode.constraint.Grammar;
import dev.lathe.decode.constraint.SchemaCache;
import dev.lathe.model.ContextFullException;
import dev.lathe.serve.QueueFullException;
import dev.lathe.text.json.JsonValue;
import dev.lathe.text.template.TemplateException;
import java.util.List;
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
            ChatRequestParameters parameters = chat.parameters();
            Request request = Parameters.apply(
                    engine.chat(Messages.of(chat.messages()), Parameters.chatOptions(parameters)), parameters);
            Optional<Grammar> grammar = grammar(parameters.responseFormat());
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
        List<ToolExecutionRequest> calls = result.reply().calls().stream()
                .map(call -> executionRequest(call, call.arguments().toJson()))
                .toList();
        return response(result, calls);
    }

    /**
     * A response with the calls as they were streamed.
     *
     * @param calls those of the result, with their arguments as the model wrote them
     */
    ChatResponse response(GenerationResult result, List<ToolExecutionRequest> calls) {
        return ChatResponse.builder()
                .aiMessage(message(result.reply(), calls))
                .metadata(ChatResponseMetadata.builder()
                        .id("lathe-" + UUID.randomUUID())
                        .modelName(modelName)
                        .tokenUsage(LatheTokenUsage.of(result.stats()))
                        .finishReason(finishReason(result))
                        .build())
                .build();
    }

    private static AiMessage message(Reply reply, List<ToolExecutionRequest> calls) {
        return AiMessage.builder()
                .text(reply.text().isEmpty() && !calls.isEmpty() ? null : reply.text())
                .thinking(reply.thinking().isEmpty() ? null : reply.thinking())
                .toolExecutionRequests(calls)
                .build();
    }

    static ToolExecutionRequest executionRequest(ToolCall call, String arguments) {
        return ToolExecutionRequest.builder()
                .id(call.id())
                .name(call.name())
                .arguments(arguments)
                .build();
    }

    static FinishReason finishReason(GenerationResult result) {
        FinishReason reason = finishReason(result.finishReason());
        return reason == FinishReason.STOP && !result.reply().calls().isEmpty() ? FinishReason.TOOL_EXECUTION : reason;
    }

    static FinishReason finishReason(dev.lathe.decode.FinishReason reason) {
        return switch (reason) {
            case END_OF_TEXT, STOP_STRING -> FinishReason.STOP;
            case MAX_TOKENS, LENGTH_BUDGET, LOOP, CONTEXT_FULL -> FinishReason.LENGTH;
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
        } catch (UnsupportedOperationException refused) {
            throw new UnsupportedFeatureException(refused.getMessage());
        } catch (IllegalArgumentException | ContextFullException | TemplateException wrong) {
            throw new InvalidRequestException(wrong.getMessage(), wrong);
        }
    }
}
