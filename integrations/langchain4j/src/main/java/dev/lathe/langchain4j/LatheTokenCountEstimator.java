package dev.lathe.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import dev.lathe.Model;
import dev.lathe.text.ChatInput;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.Tokenizer;
import java.util.List;

/**
 * Counts tokens with the model's own tokenizer and template: no estimate but the number. A conversation counts with
 * what the template puts around its messages. Thread-safe.
 */
public final class LatheTokenCountEstimator implements TokenCountEstimator {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;

    /**
     * Counts for a model.
     *
     * @throws IllegalStateException if the model's file has no chat template
     */
    public LatheTokenCountEstimator(Model model) {
        this.tokenizer = model.tokenizer();
        this.template = model.chatTemplate()
                .orElseThrow(() -> new IllegalStateException(
                        "the model's file has no chat template (tokenizer.chat_template): nothing says how its"
                                + " messages become tokens"));
    }

    @Override
    public int estimateTokenCountInText(String text) {
        return tokenizer.encode(text, false, false).length;
    }

    /** The tokens of a conversation of this message alone. */
    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return estimateTokenCountInMessages(List.of(message));
    }

    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        ChatInput input =
                ChatInput.of(Messages.of(messages)).withGenerationPrompt(false).withSpecialTokensOf(tokenizer);
        return tokenizer.encode(template.renderMarked(input), false).length;
    }
}
