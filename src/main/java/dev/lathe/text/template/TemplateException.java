package dev.lathe.text.template;

import java.io.Serial;

/** Thrown when a chat template cannot be read, or cannot render a conversation. */
public final class TemplateException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** What kind of failure it is, which says whose the cure is. */
    public enum Reason {
        /** The source is no valid template. */
        SYNTAX,
        /** The template is valid, but needs something that Lathe does not implement. */
        UNSUPPORTED,
        /** The template refuses this conversation by its {@code raise_exception}; the conversation must change. */
        REFUSED,
        /** An operation failed, as it would in Python: an undefined variable, a wrong type. */
        FAILED,
        /** The template asked for more steps, memory or nesting than a rendering may use. */
        LIMIT,
        /** The thread that renders was interrupted; its interrupt status is still set. */
        INTERRUPTED
    }

    private final Reason reason;
    private final String detail;
    private final int line;

    /**
     * A failure at a line of the template.
     *
     * @param reason its kind
     * @param detail what happened, without the place
     * @param line the line of the template, counted from 1; 0 where it is not known
     */
    public TemplateException(Reason reason, String detail, int line) {
        this(reason, detail, line, null);
    }

    /**
     * A failure at a line of the template.
     *
     * @param reason its kind
     * @param detail what happened, without the place
     * @param line the line of the template, counted from 1; 0 where it is not known
     * @param cause the failure behind it, or null
     */
    public TemplateException(Reason reason, String detail, int line, Throwable cause) {
        super(line > 0 ? "chat template, line " + line + ": " + detail : "chat template: " + detail, cause);
        this.reason = reason;
        this.detail = detail;
        this.line = line;
    }

    /** What kind of failure it is. */
    public Reason reason() {
        return reason;
    }

    /** What happened, without the place; of a refusal, the template's own words. */
    public String detail() {
        return detail;
    }

    /** The line of the template, counted from 1; 0 where it is not known. */
    public int line() {
        return line;
    }
}
