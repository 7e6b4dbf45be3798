package dev.lathe.decode.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a rule of a grammar stands for: texts as sequences of bytes. */
sealed interface Expression {
    /** The empty text. */
    Expression EMPTY = new Sequence(List.of());

    /** No text at all. */
    Expression NOTHING = new Choice(List.of());

    /** One byte of a range; both ends from 0 to 255 and included. */
    record Bytes(int low, int high) implements Expression {}

    /** One after the other. */
    record Sequence(List<Expression> parts) implements Expression {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /** One of several. */
    record Choice(List<Expression> options) implements Expression {
        public Choice {
            options = List.copyOf(options);
        }
    }

    /**
     * The same several times.
     *
     * @param most {@link #UNBOUNDED} if there is no limit
     */
    record Repeat(Expression body, int least, int most) implements Expression {
        static final int UNBOUNDED = -1;
    }

    /** A rule of the {@link RuleSet}. */
    record Reference(int rule) implements Expression {}

    /** The same where all rules have numbers higher by this. */
    default Expression shifted(int offset) {
        return switch (this) {
            case Bytes bytes -> bytes;
            case Sequence sequence ->
                new Sequence(sequence.parts().stream()
                        .map(part -> part.shifted(offset))
                        .toList());
            case Choice choice ->
                choice == NOTHING
                        ? choice
                        : new Choice(choice.options().stream()
                                .map(option -> option.shifted(offset))
                                .toList());
            case Repeat repeat -> new Repeat(repeat.body().shifted(offset), repeat.least(), repeat.most());
            case Reference reference -> new Reference(reference.rule() + offset);
        };
    }

    static Expression sequence(Expression... parts) {
        return parts.length == 1 ? parts[0] : new Sequence(Arrays.asList(parts));
    }

    static Expression choice(Expression... options) {
        return options.length == 1 ? options[0] : new Choice(Arrays.asList(options));
    }

    static Expression optional(Expression body) {
        return new Repeat(body, 0, 1);
    }

    static Expression any(Expression body) {
        return new Repeat(body, 0, Repeat.UNBOUNDED);
    }

    static Expression repeat(Expression body, int least, int most) {
        return new Repeat(body, least, most);
    }

    /** A text as it stands. */
    static Expression literal(String text) {
        return literal(text.getBytes(StandardCharsets.UTF_8));
    }

    static Expression literal(byte... bytes) {
        List<Expression> parts = new ArrayList<>();
        for (byte b : bytes) {
            parts.add(new Bytes(b & 0xFF, b & 0xFF));
        }
        return new Sequence(parts);
    }
}
