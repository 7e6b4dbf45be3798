package dev.lathe;

import dev.lathe.chat.ChatFormat;
import dev.lathe.chat.ChatOptions;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.StreamDecoder;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.template.MarkedText;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Conversations of one session as tokens. The template's own control tokens become tokens; the same characters in what
 * anybody said, was called or gave as a field stay text, so that nobody can end their turn and speak as another. What
 * the model generated stays the tokens that it generated, as long as the template leaves it as it was.
 */
final class ChatPrompt {
    private final Tokenizer tokenizer;
    private final ChatFormat format;

    /** What was encoded last, and its tokens. */
    private MarkedText lastText = MarkedText.ofTemplate("");

    private int[] lastTokens = {};

    private ChatPrompt(Tokenizer tokenizer, ChatFormat format) {
        this.tokenizer = tokenizer;
        this.format = format;
    }

    static ChatPrompt of(Model model) {
        ChatFormat format = model.chatFormat()
                .orElseThrow(() -> new IllegalStateException("the model's file has no chat template"
                        + " (tokenizer.chat_template): lay the prompt out yourself and use generate"));
        return new ChatPrompt(model.tokenizer(), format);
    }

    /** A conversation to be answered, and what is expected; {@code held} as {@link #encode} has it. */
    Prompt prompt(List<ChatMessage> messages, ChatOptions options, int... held) {
        int[] tokens = encode(messages, options, held);
        return new Prompt(tokens, Optional.of(format.expect(options, tokens)));
    }

    /**
     * The tokens of a conversation.
     *
     * @param held the tokens that the session holds, perhaps the last prompt and an answer to it
     */
    private int[] encode(List<ChatMessage> messages, ChatOptions options, int... held) {
        MarkedText text = format.render(messages, options);
        int answerEnd = answerEnd(text, held);
        int[] tokens = answerEnd < 0
                ? tokenizer.encode(text, false)
                : join(held, tokenizer.encode(text.slice(answerEnd, text.length()), true));
        lastText = text;
        lastTokens = tokens;
        return tokens;
    }

    /** Where the answer to the last prompt ends in a text that continues both; -1 if it does not. */
    private int answerEnd(MarkedText text, int[] held) {
        int prompt = lastTokens.length;
        if (prompt == 0
                || held.length <= prompt
                || !Arrays.equals(held, 0, prompt, lastTokens, 0, prompt)
                || !text.startsWith(lastText)) {
            return -1;
        }
        StringBuilder answer = new StringBuilder();
        StreamDecoder decoder = tokenizer.newStreamDecoder(lastTokens);
        for (int i = prompt; i < held.length; i++) {
            answer.append(decoder.accept(held[i]));
        }
        answer.append(decoder.finish());
        return text.text().startsWith(answer.toString(), lastText.length()) ? lastText.length() + answer.length() : -1;
    }

    /** The tokens held and those that follow; the end of a turn, which both may have, once. */
    private int[] join(int[] held, int[] following) {
        int last = held[held.length - 1];
        boolean twice = following.length > 0 && following[0] == last && tokenizer.isControl(last);
        int kept = twice ? held.length - 1 : held.length;
        int[] joined = Arrays.copyOf(held, kept + following.length);
        System.arraycopy(following, 0, joined, kept, following.length);
        return joined;
    }
}
