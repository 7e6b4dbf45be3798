package dev.lathe.chat;

import dev.lathe.decode.constraint.GrammarCache;
import dev.lathe.text.ChatInput;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.template.MarkedText;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a chat model is told of tools, and how it writes calls and thinking: found in its template when first needed, and
 * remembered. Immutable but for that, and thread-safe.
 */
public final class ChatFormat {
    private static final int LAST_TOKENS = 64; // in which a prompt opens thinking
    private static final int KEPT_GRAMMARS = 8; // of replies, by their tools

    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final FormatFinder finder;
    private final GrammarCache<ExpectedReply.Allowed> grammars = new GrammarCache<>(KEPT_GRAMMARS);
    private volatile Optional<ThinkingFormat> thinking; // found when first needed, as all below
    private volatile TemplateUse use;
    private volatile CallFormat calls;
    private volatile TextFormat text;

    private ChatFormat(ChatTemplate template, Tokenizer tokenizer) {
        this.template = Objects.requireNonNull(template, "template");
        this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
        this.finder = new FormatFinder(template, tokenizer);
    }

    /** The format of a template, whose marks are the tokenizer's control tokens or plain text. */
    public static ChatFormat of(ChatTemplate template, Tokenizer tokenizer) {
        return new ChatFormat(template, tokenizer);
    }

    /**
     * Lays a conversation out to be answered.
     *
     * @throws dev.lathe.text.template.TemplateException if the template refuses it
     * @throws IllegalArgumentException if the options contradict each other, or calls of messages are malformed
     * @throws UnsupportedOperationException if the template's way to write calls is not understood, or it cannot switch
     *     thinking
     */
    public MarkedText render(List<ChatMessage> messages, ChatOptions options) {
        List<Tool> tools = options.callable().isEmpty() ? List.of() : options.tools();
        List<ChatMessage> spelled = messages;
        ChatVariables variables = new ChatVariables(List.of(), TemplateUse.Definitions.PROMPT, options.variables());
        if (!tools.isEmpty() || Conversation.needsSpelling(messages)) {
            spelled = new Conversation(use(), thinking()).spell(messages);
        }
        if (!tools.isEmpty()) {
            calls();
            variables = new ChatVariables(tools, use().definitions(), options.variables());
            if (use().definitions() == TemplateUse.Definitions.PROMPT) {
                spelled = ToolPrompt.instruct(
                        spelled, ToolPrompt.instructions(tools, !use().takesCalls()), use().takesSystem());
            }
        }
        if (options.thinking().isPresent()) {
            variables = variables.with(switchOfThinking(), options.thinking().get());
        }
        return template.renderMarked(variables.applyTo(ChatInput.of(spelled).withSpecialTokensOf(tokenizer)));
    }

    /**
     * What the reply to a prompt may be.
     *
     * @param prompt the tokens of what {@link #render} laid out
     */
    public ExpectedReply expect(ChatOptions options, int... prompt) {
        int[] end = Arrays.copyOfRange(prompt, Math.max(0, prompt.length - LAST_TOKENS), prompt.length);
        boolean isOpen = thinking()
                .filter(format -> Spelling.of(tokenizer, end).stripTrailing().endsWith(format.open()))
                .isPresent();
        boolean calling = !options.callable().isEmpty();
        return new ExpectedReply(
                tokenizer,
                options,
                calling ? calls() : null,
                calling ? text() : TextFormat.PLAIN,
                thinking(),
                isOpen,
                Arrays.hashCode(prompt),
                grammars);
    }

    private String switchOfThinking() {
        return thinking()
                .map(ThinkingFormat::variable)
                .orElseThrow(() -> new UnsupportedOperationException(
                        "the model's template has no switch for thinking: expected one that reads enable_thinking or"
                                + " thinking; leave it to the model"));
    }

    Optional<ThinkingFormat> thinking() {
        if (thinking == null) {
            thinking = finder.thinking();
        }
        return thinking;
    }

    TemplateUse use() {
        if (use == null) {
            use = finder.use();
        }
        return use;
    }

    CallFormat calls() {
        if (calls == null) {
            calls = finder.calls(use(), thinking());
        }
        return calls;
    }

    TextFormat text() {
        if (text == null) {
            text = finder.text(use(), thinking());
        }
        return text;
    }
}
