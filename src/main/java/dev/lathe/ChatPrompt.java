package dev.lathe;

import dev.lathe.text.ChatInput;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.StreamDecoder;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.template.MarkedText;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Conversations of one session as tokens. The template's own control tokens become tokens; the same characters in what
 * anybody said, was called or gave as a field stay text, so that nobody can end their turn and speak as another. What
 * the model generated stays the tokens that it generated, as long as the template leaves it as it was.
 */
final class ChatPrompt {
    private final Tokenizer tokenizer;
    private final ChatTemplate template;

    /** What was encoded last, and its tokens. */
    private MarkedText lastText = MarkedText.ofTemplate("");

    private int[] lastTokens = {};

    private ChatPrompt(Tokenizer tokenizer, ChatTemplate template) {
        this.tokenizer = tokenizer;
        this.template = template;
    }

    static ChatPrompt of(Model model) {
        ChatTemplate template = model.chatTemplate()
                .orElseThrow(() -> new IllegalStateException("the model's file has no chat template"
                        + " (tokenizer.chat_template): lay the prompt out yourself and use generate"));
        return new ChatPrompt(model.tokenizer(), template);
    }

    /**
     * The tokens of a conversation.
     *
     * @param held the tokens that the session holds, perhaps the last prompt and an answer to it
     */
    int[] encode(List<ChatMessage> messages, int[] held) {
        MarkedText text = template.renderMarked(
                ChatInput.of(messages).withSpecialTokens(piece(tokenizer.bos()), piece(tokenizer.eos())));
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

    private String piece(OptionalInt token) {
        return token.isPresent() ? tokenizer.piece(token.getAsInt()) : null;
    }
}
