package dev.lathe.server;

import dev.lathe.decode.Token;
import dev.lathe.decode.TokenProbability;
import dev.lathe.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tokens with their log-probabilities, in both of the protocol's layouts. */
final class TokenDetails {
    private final Tokenizer tokenizer;

    TokenDetails(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    Map<String, Object> ofChat(List<Token> tokens) {
        List<Object> content = new ArrayList<>();
        for (Token token : tokens) {
            Map<String, Object> details =
                    details(token.id(), token.logProbability().orElseThrow());
            details.put(
                    "top_logprobs",
                    token.alternatives().stream()
                            .map(other -> details(other.token(), other.logProbability()))
                            .toList());
            content.add(details);
        }
        Map<String, Object> logProbabilities = new LinkedHashMap<>();
        logProbabilities.put("content", content);
        logProbabilities.put("refusal", null);
        return logProbabilities;
    }

    Map<String, Object> ofCompletion(List<Token> tokens) {
        List<String> texts = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        List<Object> alternatives = new ArrayList<>();
        for (Token token : tokens) {
            texts.add(text(token.id()));
            values.add(token.logProbability().orElseThrow());
            Map<String, Double> others = new LinkedHashMap<>();
            for (TokenProbability other : token.alternatives()) {
                others.putIfAbsent(text(other.token()), other.logProbability());
            }
            alternatives.add(others);
        }
        Map<String, Object> logProbabilities = new LinkedHashMap<>();
        logProbabilities.put("tokens", texts);
        logProbabilities.put("token_logprobs", values);
        logProbabilities.put("top_logprobs", alternatives);
        return logProbabilities;
    }

    private Map<String, Object> details(int token, double logProbability) {
        List<Integer> bytes = new ArrayList<>();
        for (byte b : tokenizer.bytes(token)) {
            bytes.add(Byte.toUnsignedInt(b));
        }
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("token", text(token));
        details.put("logprob", logProbability);
        details.put("bytes", bytes);
        return details;
    }

    private String text(int token) {
        return tokenizer.isControl(token)
                ? tokenizer.piece(token)
                : new String(tokenizer.bytes(token), StandardCharsets.UTF_8);
    }
}
