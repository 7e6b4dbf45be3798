package dev.lathe.decode.constraint;

import dev.lathe.decode.constraint.Expression.Bytes;
import dev.lathe.decode.constraint.Expression.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Grammars made of grammars. Each part is checked when it is made; the whole is compiled when it is first used.
 *
 * <p>Texts here are bytes, so that control tokens can stand among characters: {@link #controlToken} gives the bytes that
 * stand for one, which are never valid UTF-8.
 */
public final class Grammars {
    private Grammars() {}

    /** The bytes that stand for the control token of a piece: a grammar allows it where it allows these. */
    public static byte[] controlToken(String piece) {
        byte[] text = piece.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(new byte[] {TokenVocabulary.CONTROL_BEGIN}, text.length + 2);
        System.arraycopy(text, 0, bytes, 1, text.length);
        bytes[text.length + 1] = TokenVocabulary.CONTROL_END;
        return bytes;
    }

    /** These bytes alone; the empty text too, which is of use in a {@link #sequence}. */
    public static Grammar literal(byte... bytes) {
        return Grammar.uncompiled(new RuleSet(), Expression.literal(bytes));
    }

    /** One after the other. */
    public static Grammar sequence(Grammar... parts) {
        return composed(List.of(parts), Expression.Sequence::new);
    }

    /** One of several. */
    public static Grammar anyOf(List<Grammar> options) {
        return composed(options, Expression.Choice::new);
    }

    /** The same so many times, or more. */
    public static Grammar repeated(Grammar body, int least) {
        return composed(
                List.of(body), parts -> Expression.repeat(parts.getFirst(), least, Expression.Repeat.UNBOUNDED));
    }

    /** Anything, control tokens too, up to and with the first occurrence of a marker. */
    public static Grammar upTo(byte... marker) {
        return free(false, marker);
    }

    /** Anything, control tokens too, that does not hold a marker. */
    public static Grammar without(byte... marker) {
        return free(true, marker);
    }

    /** Anything, control tokens too, that does not begin with a marker. */
    public static Grammar notBeginningWith(byte... marker) {
        RuleSet rules = new RuleSet();
        Expression anything = Expression.any(new Bytes(0, 255));
        Expression at = Expression.NOTHING;
        for (int i = marker.length - 1; i >= 0; i--) {
            int expected = marker[i] & 0xFF;
            List<Expression> options = new ArrayList<>(List.of(Expression.EMPTY));
            if (expected > 0) {
                options.add(Expression.sequence(new Bytes(0, expected - 1), anything));
            }
            if (expected < 255) {
                options.add(Expression.sequence(new Bytes(expected + 1, 255), anything));
            }
            options.add(Expression.sequence(new Bytes(expected, expected), at));
            at = new Reference(rules.add("begin", new Expression.Choice(options)));
        }
        return Grammar.uncompiled(rules, at);
    }

    private static Grammar composed(List<Grammar> grammars, Function<List<Expression>, Expression> whole) {
        RuleSet rules = new RuleSet();
        List<Expression> parts = new ArrayList<>();
        grammars.forEach(grammar -> parts.add(rules.include(grammar.rules(), grammar.root())));
        return Grammar.uncompiled(rules, whole.apply(parts));
    }

    /** One rule for each number of the marker's bytes that the text so far ends with. */
    private static Grammar free(boolean ends, byte... marker) {
        if (marker.length == 0) {
            throw new ConstraintException("the marker is empty");
        }
        int[] borders = MarkerConstraint.borders(marker);
        RuleSet rules = new RuleSet();
        for (int matched = 0; matched < marker.length; matched++) {
            rules.add("free");
        }
        for (int matched = 0; matched < marker.length; matched++) {
            List<Expression> options = new ArrayList<>(ends ? List.of(Expression.EMPTY) : List.of());
            for (int low = 0; low < 256; ) {
                int target = after(marker, borders, matched, low);
                int high = low;
                while (high < 255 && after(marker, borders, matched, high + 1) == target) {
                    high++;
                }
                if (target < marker.length) {
                    options.add(Expression.sequence(new Bytes(low, high), new Reference(target)));
                } else if (!ends) {
                    options.add(new Bytes(low, high));
                }
                low = high + 1;
            }
            rules.define(matched, new Expression.Choice(options));
        }
        return Grammar.uncompiled(rules, new Reference(0));
    }

    private static int after(byte[] marker, int[] borders, int matched, int b) {
        int length = matched;
        while (length >= 0 && marker[length] != (byte) b) {
            length = borders[length];
        }
        return length + 1;
    }
}
