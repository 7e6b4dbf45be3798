package dev.lathe.server;

import dev.lathe.decode.Token;
import dev.lathe.text.Tokenizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How answers are laid out: of conversations, or of texts to be completed. */
interface ReplyFormat {
    /** What the answer's id begins with. */
    String idPrefix();

    /** What a whole answer, or a part of a stream, calls itself. */
    String object(boolean part);

    /** The members of a choice that hold its text and tokens. */
    void putWhole(Map<String, Object> choice, String text, List<Token> tokens);

    /** The same of a part of a stream. */
    void putPart(Map<String, Object> choice, boolean first, String text, List<Token> tokens);

    /**
     * A conversation's answer.
     *
     * @param tellsLogProbabilities whether tokens are told with their log-probabilities
     */
    static ReplyFormat chat(Tokenizer tokenizer, boolean tellsLogProbabilities) {
        TokenDetails details = new TokenDetails(tokenizer);
        return new ReplyFormat() {
            @Override
            public String idPrefix() {
                return "chatcmpl-";
            }

            @Override
            public String object(boolean part) {
                return part ? "chat.completion.chunk" : "chat.completion";
            }

            @Override
            public void putWhole(Map<String, Object> choice, String text, List<Token> tokens) {
                Map<String, Object> message = new LinkedHashMap<>();
                message.put("role", "assistant");
                message.put("content", text);
                message.put("refusal", null);
                choice.put("message", message);
                choice.put("logprobs", tellsLogProbabilities ? details.ofChat(tokens) : null);
            }

            @Override
            public void putPart(Map<String, Object> choice, boolean first, String text, List<Token> tokens) {
                Map<String, Object> delta = new LinkedHashMap<>();
                if (first) {
                    delta.put("role", "assistant");
                }
                if (first || !text.isEmpty()) {
                    delta.put("content", text);
                }
                choice.put("delta", delta);
                choice.put("logprobs", tellsLogProbabilities && !tokens.isEmpty() ? details.ofChat(tokens) : null);
            }
        };
    }

    /** A text's continuation. */
    static ReplyFormat completion(Tokenizer tokenizer, boolean tellsLogProbabilities) {
        TokenDetails details = new TokenDetails(tokenizer);
        return new ReplyFormat() {
            @Override
            public String idPrefix() {
                return "cmpl-";
            }

            @Override
            public String object(boolean part) {
                return "text_completion";
            }

            @Override
            public void putWhole(Map<String, Object> choice, String text, List<Token> tokens) {
                choice.put("text", text);
                choice.put("logprobs", tellsLogProbabilities ? details.ofCompletion(tokens) : null);
            }

            @Override
            public void putPart(Map<String, Object> choice, boolean first, String text, List<Token> tokens) {
                putWhole(choice, text, tokens);
            }
        };
    }
}
