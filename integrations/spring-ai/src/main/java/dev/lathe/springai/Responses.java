package dev.lathe.springai;

import dev.lathe.GenerationResult;
import dev.lathe.chat.Reply;
import dev.lathe.chat.ReplyPiece;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;

/**
 * The responses to one request: one for each piece while it streams, then one that says how it ended; or one of the
 * whole. Immutable.
 */
record Responses(String id, String modelName) {
    Responses(String modelName) {
        this("lathe-" + UUID.randomUUID(), modelName);
    }

    ChatResponse whole(GenerationResult result) {
        Reply reply = result.reply();
        return response(
                message(reply.text(), reply.thinking())
                        .toolCalls(reply.calls().stream().map(Messages::call).toList()),
                ended(result),
                metadata().usage(usage(result.stats())));
    }

    /** What a piece is told as: nothing for a part of a call, which Spring AI takes whole. */
    Optional<ChatResponse> piece(ReplyPiece piece) {
        return switch (piece) {
            case ReplyPiece.Text said ->
                Optional.of(response(message(said.text(), ""), ChatGenerationMetadata.NULL, metadata()));
            case ReplyPiece.Thinking thought ->
                Optional.of(response(
                        message("", ""),
                        ChatGenerationMetadata.builder()
                                .metadata(Messages.THINKING, thought.text())
                                .build(),
                        metadata()));
            case ReplyPiece.CallPart _ -> Optional.empty();
            case ReplyPiece.Call call ->
                Optional.of(response(
                        message("", "").toolCalls(List.of(Messages.call(call.call()))),
                        ChatGenerationMetadata.NULL,
                        metadata()));
        };
    }

    /** Nothing more is said, but what the model thought as a whole, why it ended, and what was used. */
    ChatResponse end(GenerationResult result) {
        return response(
                message("", result.reply().thinking()),
                ended(result),
                metadata().usage(usage(result.stats())));
    }

    private static AssistantMessage.Builder<?> message(String text, String thinking) {
        return AssistantMessage.builder()
                .content(text)
                .properties(thinking.isEmpty() ? Map.of() : Map.of(Messages.THINKING, thinking));
    }

    private static ChatResponse response(
            AssistantMessage.Builder<?> message,
            ChatGenerationMetadata generation,
            ChatResponseMetadata.Builder metadata) {
        return new ChatResponse(List.of(new Generation(message.build(), generation)), metadata.build());
    }

    private ChatResponseMetadata.Builder metadata() {
        return ChatResponseMetadata.builder().id(id).model(modelName);
    }

    private static ChatGenerationMetadata ended(GenerationResult result) {
        return ChatGenerationMetadata.builder()
                .finishReason(finishReason(result))
                .build();
    }

    private static String finishReason(GenerationResult result) {
        FinishReason reason = result.finishReason();
        return switch (reason) {
            case END_OF_TEXT, STOP_STRING -> result.reply().calls().isEmpty() ? "stop" : "tool_calls";
            case MAX_TOKENS, LENGTH_BUDGET, LOOP, CONTEXT_FULL -> "length";
            case TIME_LIMIT, ENERGY_LIMIT, GIVEN_UP, CANCELLED -> reason.name().toLowerCase(Locale.ROOT);
        };
    }

    private static DefaultUsage usage(GenerationStatistics statistics) {
        int prompt = statistics.promptTokens();
        int answer = statistics.generatedTokens();
        return new DefaultUsage(
                prompt, answer, prompt + answer, statistics, (long) statistics.reusedPromptTokens(), null);
    }
}
