package dev.lathe.chat;

import dev.lathe.text.ChatInput;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.json.JsonValue;
import dev.lathe.text.template.TemplateException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Renders small conversations of words that no template has, so that they are found again. */
final class Probes {
    static final String USER = "qxuser";
    static final String SYSTEM = "qxsystem";
    static final String TEXT = "qxtext";
    static final String THOUGHT = "qxthought";
    static final String DESCRIPTION = "qxdescription";
    static final String KEY = "qxkey";
    static final String VALUE = "qxvalue";
    static final List<String> NAMES = List.of("qxnameone", "qxnametwo");
    static final List<String> IDS = List.of("qxidone11", "qxidtwo22");
    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private final ChatTemplate template;
    private final Tokenizer tokenizer;

    Probes(ChatTemplate template, Tokenizer tokenizer) {
        this.template = template;
        this.tokenizer = tokenizer;
    }

    static Tool tool(String name) {
        return Tool.of(name, DESCRIPTION, """
                {"type": "object", "required": ["%s"], "properties": {
                    "%s": {"type": "string", "description": "%s"}}}""".formatted(KEY, KEY, DESCRIPTION));
    }

    static ChatMessage user() {
        return ChatMessage.user(USER);
    }

    /** A message that calls tools, as a template may want it. */
    static ChatMessage calling(int count, boolean argumentsAsText, String content, List<String> ids) {
        List<Map<String, Object>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Map<String, Object> arguments = Map.of(KEY, VALUE);
            calls.add(ToolCall.of(
                            ids.get(i), NAMES.get(i), JsonValue.of(arguments).toJson())
                    .toMap(argumentsAsText ? JsonValue.of(arguments).toJson() : arguments));
        }
        return new ChatMessage("assistant", content, Map.of(ToolCall.FIELD, calls));
    }

    /** What the template makes of it, spelled; empty if it refuses. */
    Optional<String> render(List<ChatMessage> messages, boolean prompt, ChatVariables variables) {
        ChatInput input = variables.applyTo(ChatInput.of(messages)
                .withSpecialTokensOf(tokenizer)
                .withGenerationPrompt(prompt)
                .withClock(CLOCK));
        try {
            return Optional.of(Spelling.of(tokenizer, template.renderMarked(input)));
        } catch (TemplateException failure) {
            if (failure.reason() == TemplateException.Reason.INTERRUPTED) {
                throw failure;
            }
            return Optional.empty();
        }
    }

    /** A rendering in which all these words are. */
    Optional<String> renderWith(Stream<String> words, List<ChatMessage> messages, boolean prompt, ChatVariables given) {
        Optional<String> rendered = render(messages, prompt, given);
        return words.allMatch(word -> rendered.isPresent() && rendered.get().contains(word))
                ? rendered
                : Optional.empty();
    }

    boolean sourceHas(String text) {
        return template.source().contains(text);
    }

    String mark(String piece) {
        return Spelling.mark(tokenizer, piece);
    }

    boolean isControl(String piece) {
        return !mark(piece).equals(piece);
    }

    /** Where a spelled text ends the turn by a token of the vocabulary; its length if it does not. */
    int endOfTurn(String spelled) {
        for (int begin = spelled.indexOf(Spelling.BEGIN);
                begin >= 0;
                begin = spelled.indexOf(Spelling.BEGIN, begin + 1)) {
            OptionalInt token = tokenizer.find(spelled.substring(begin + 1, spelled.indexOf(Spelling.END, begin)));
            if (token.isPresent() && tokenizer.isEndOfGeneration(token.getAsInt())) {
                return begin;
            }
        }
        return spelled.length();
    }
}
