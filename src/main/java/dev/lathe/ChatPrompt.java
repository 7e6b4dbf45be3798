package dev.lathe;

import dev.lathe.text.ChatInput;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Conversations as tokens. The template's own control tokens become tokens; their names in what others than the
 * assistant say stay text, so that nobody can end their turn and speak as another.
 *
 * <p>For that a noncharacter, which no text should hold, breaks each name apart before rendering; the rendered text is
 * encoded in the pieces between.
 */
final class ChatPrompt {
    private static final String BREAK = "\uFDD0";

    private final Tokenizer tokenizer;
    private final ChatTemplate template;
    private final List<String> controlNames;

    private ChatPrompt(Tokenizer tokenizer, ChatTemplate template) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.controlNames = IntStream.range(0, tokenizer.vocabularySize())
                .filter(tokenizer::isControl)
                .mapToObj(tokenizer::piece)
                .filter(name -> name.codePointCount(0, name.length()) > 1)
                .toList();
    }

    static ChatPrompt of(Model model) {
        ChatTemplate template = model.chatTemplate()
                .orElseThrow(() -> new IllegalStateException("the model's file has no chat template"
                        + " (tokenizer.chat_template): lay the prompt out yourself and use generate"));
        return new ChatPrompt(model.tokenizer(), template);
    }

    int[] encode(List<ChatMessage> messages) {
        List<ChatMessage> broken = new ArrayList<>();
        for (ChatMessage message : messages) {
            boolean trusted = message.content() == null || message.role().equals("assistant");
            broken.add(
                    trusted
                            ? message
                            : new ChatMessage(message.role(), breakNames(message.content()), message.fields()));
        }
        String rendered =
                template.render(ChatInput.of(broken).withSpecialTokens(piece(tokenizer.bos()), piece(tokenizer.eos())));
        return Arrays.stream(rendered.split(BREAK, -1))
                .flatMapToInt(text -> Arrays.stream(tokenizer.encode(text, false, true)))
                .toArray();
    }

    private String breakNames(String content) {
        String broken = content.replace(BREAK, "");
        for (String name : controlNames) {
            int first = name.offsetByCodePoints(0, 1);
            broken = broken.replace(name, name.substring(0, first) + BREAK + name.substring(first));
        }
        return broken;
    }

    private String piece(OptionalInt token) {
        return token.isPresent() ? tokenizer.piece(token.getAsInt()) : null;
    }
}
