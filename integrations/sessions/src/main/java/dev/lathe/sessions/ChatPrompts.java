package dev.lathe.sessions;

import dev.lathe.Model;
import dev.lathe.text.ChatInput;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.Tokenizer;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Conversations as prompts. The tokens depend on the conversation alone, not on the session that will continue them:
 * the same request has the same answer whoever came before. Control tokens' names in what anybody says are text.
 * Immutable and thread-safe.
 */
public final class ChatPrompts {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;

    /** Prompts laid out by a template. */
    public ChatPrompts(Tokenizer tokenizer, ChatTemplate template) {
        this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
        this.template = Objects.requireNonNull(template, "template");
    }

    /**
     * Prompts laid out by the model's own template.
     *
     * @throws IllegalStateException if the model's file has none
     */
    public static ChatPrompts of(Model model) {
        return new ChatPrompts(
                model.tokenizer(),
                model.chatTemplate()
                        .orElseThrow(() -> new IllegalStateException("the model's file has no chat template"
                                + " (tokenizer.chat_template): give one, or complete texts instead")));
    }

    /**
     * The prompt that asks for the next message.
     *
     * @throws dev.lathe.text.template.TemplateException if the template refuses the conversation
     */
    public int[] encode(List<ChatMessage> messages) {
        return encode(messages, true);
    }

    /**
     * The tokens of a conversation.
     *
     * @param asks whether the beginning of an answer stands at its end
     * @throws dev.lathe.text.template.TemplateException if the template refuses the conversation
     */
    public int[] encode(List<ChatMessage> messages, boolean asks) {
        ChatInput input = ChatInput.of(messages)
                .withGenerationPrompt(asks)
                .withSpecialTokens(piece(tokenizer.bos()), piece(tokenizer.eos()));
        return tokenizer.encode(template.renderMarked(input), false);
    }

    private String piece(OptionalInt token) {
        return token.isPresent() ? tokenizer.piece(token.getAsInt()) : null;
    }
}
