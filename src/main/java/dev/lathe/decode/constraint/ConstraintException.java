package dev.lathe.decode.constraint;

/**
 * A constraint that cannot be compiled or applied. The message says where: a JSON pointer in a schema, line and column in
 * a grammar, the character of a regular expression.
 */
public final class ConstraintException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** With this message. */
    public ConstraintException(String message) {
        super(message);
    }

    /** With this message, because of another exception. */
    public ConstraintException(String message, Throwable cause) {
        super(message, cause);
    }
}
