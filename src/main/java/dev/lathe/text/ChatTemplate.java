package dev.lathe.text;

import dev.lathe.text.template.MarkedText;
import dev.lathe.text.template.Template;
import dev.lathe.text.template.TemplateException;
import java.util.Objects;

/**
 * The template of a chat model, which lays a conversation out as the text that the model was trained on. Immutable and
 * thread-safe; parsed once.
 *
 * <p>The language is the Jinja2 that model files carry (GGUF key {@code tokenizer.chat_template}), in the environment
 * in which Hugging Face renders it: blocks are trimmed, {@code break} and {@code continue} work, values cannot be
 * changed, and {@code raise_exception}, {@code strftime_now} and {@code tojson} are there. What of Jinja2 makes pages
 * of many templates (inheritance, includes, automatic escaping), recursive loops and a few filters of the web are not
 * supported and fail when the template is parsed. Templates are not trusted: time, memory and depth of a rendering are
 * bounded.
 *
 * <p>Special tokens in the text of messages are not escaped: {@link #renderMarked} tells them from those of the template.
 */
public final class ChatTemplate {
    private final String source;
    private final Template template;

    private ChatTemplate(String source, Template template) {
        this.source = source;
        this.template = template;
    }

    /**
     * Parses a template.
     *
     * @throws TemplateException if the source is no template or needs what is not supported; it names line and
     *     construct
     */
    public static ChatTemplate of(String source) {
        return new ChatTemplate(source, Template.parse(Objects.requireNonNull(source, "source")));
    }

    /** The source of the template. */
    public String source() {
        return source;
    }

    /**
     * Lays a conversation out as text.
     *
     * @throws TemplateException if the template refuses the conversation ({@link TemplateException.Reason#REFUSED}),
     *     fails on it, or takes more steps or memory than a rendering may
     * @throws IllegalArgumentException if a field, tool or variable holds anything but plain data
     */
    public String render(ChatInput input) {
        return renderMarked(input).text();
    }

    /**
     * Lays a conversation out as text that knows which of its characters the template wrote and which were given:
     * everything in messages, tools and variables is data, except the names of the usual roles, which templates build
     * their marks from. {@link Tokenizer#encode(MarkedText, boolean)} takes only the template's own marks for control tokens.
     *
     * @throws TemplateException as {@link #render} does
     * @throws IllegalArgumentException as {@link #render} does
     */
    public MarkedText renderMarked(ChatInput input) {
        return template.renderMarked(input.toVariables(), input.clock());
    }

    @Override
    public String toString() {
        return source;
    }
}
