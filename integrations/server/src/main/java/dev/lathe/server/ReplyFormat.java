package dev.lathe.server;

import dev.lathe.GenerationResult;
import dev.lathe.chat.Reply;
import dev.lathe.chat.ReplyPiece;
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

    /** The members of a choice that hold what was replied, and its tokens. */
    void putWhole(Map<String, Object> choice, GenerationResult result, List<Token> tokens);

    /**
     * The same of a part of a stream.
     *
     * @param piece what it says; null for nothing
     * @param opensCall whether it is the first of its call
     */
    void putPart(Map<String, Object> choice, boolean first, ReplyPiece piece, boolean opensCall, List<Token> tokens);

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
            public void putWhole(Map<String, Object> choice, GenerationResult result, List<Token> tokens) {
                Reply reply = result.reply();
                boolean onlyCalls = reply.text().isEmpty() && !reply.calls().isEmpty();
                Map<String, Object> message = new LinkedHashMap<>();
                message.put("role", "assistant");
                message.put("content", onlyCalls ? null : reply.text());
                if (!reply.thinking().isEmpty()) {
                    message.put("reasoning_content", reply.thinking());
                }
                message.put("refusal", null);
                if (!reply.calls().isEmpty()) {
                    message.put(
                            "tool_calls",
                            reply.calls().stream()
                                    .map(call -> call(
                                            call.id(),
                                            call.name(),
                                            call.arguments().toJson()))
                                    .toList());
                }
                choice.put("message", message);
                choice.put("logprobs", tellsLogProbabilities ? details.ofChat(tokens) : null);
            }

            @Override
            public void putPart(
                    Map<String, Object> choice,
                    boolean first,
                    ReplyPiece piece,
                    boolean opensCall,
                    List<Token> tokens) {
                Map<String, Object> delta = new LinkedHashMap<>();
                if (first) {
                    delta.put("role", "assistant");
                    delta.put("content", piece instanceof ReplyPiece.CallPart ? null : "");
                }
                switch (piece) {
                    case null -> {}
                    case ReplyPiece.Text said -> delta.put("content", said.text());
                    case ReplyPiece.Thinking thought -> delta.put("reasoning_content", thought.text());
                    case ReplyPiece.CallPart part -> {
                        Map<String, Object> entry = new LinkedHashMap<>();
                        entry.put("index", part.index());
                        if (opensCall) {
                            entry.putAll(call(part.id(), part.name(), part.arguments()));
                        } else {
                            entry.put("function", Map.of("arguments", part.arguments()));
                        }
                        delta.put("tool_calls", List.of(entry));
                    }
                    case ReplyPiece.Call _ -> {} // its parts were told
                }
                choice.put("delta", delta);
                choice.put("logprobs", tellsLogProbabilities && !tokens.isEmpty() ? details.ofChat(tokens) : null);
            }
        };
    }

    private static Map<String, Object> call(String id, String name, String arguments) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", name);
        function.put("arguments", arguments);
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("id", id);
        entry.put("type", "function");
        entry.put("function", function);
        return entry;
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
            public void putWhole(Map<String, Object> choice, GenerationResult result, List<Token> tokens) {
                put(choice, result.text(), tokens);
            }

            @Override
            public void putPart(
                    Map<String, Object> choice,
                    boolean first,
                    ReplyPiece piece,
                    boolean opensCall,
                    List<Token> tokens) {
                put(choice, piece instanceof ReplyPiece.Text said ? said.text() : "", tokens);
            }

            private void put(Map<String, Object> choice, String text, List<Token> tokens) {
                choice.put("text", text);
                choice.put("logprobs", tellsLogProbabilities ? details.ofCompletion(tokens) : null);
            }
        };
    }
}
