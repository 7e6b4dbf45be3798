package dev.lathe.decode.constraint;

import dev.lathe.decode.constraint.Expression.Bytes;
import java.util.ArrayList;
import java.util.List;

/** Numbers as JSON writes them, of bounded length and within bounds. */
final class JsonNumbers {
    /** The largest integer that is written: 18 digits. */
    static final long LARGEST = 999_999_999_999_999_999L;

    private static final int MOST_FRACTION = 16;
    private static final Expression DIGIT = new Bytes('0', '9');
    private static final Expression MINUS = Expression.literal("-");
    private static final Expression POINT = Expression.literal(".");
    private static final Expression FRACTION = Expression.sequence(POINT, Expression.repeat(DIGIT, 1, MOST_FRACTION));
    private static final Expression FRACTION_ABOVE_ZERO =
            Expression.sequence(POINT, Expression.repeat(DIGIT, 0, MOST_FRACTION - 1), new Bytes('1', '9'));

    private JsonNumbers() {}

    /** Any number. */
    static Expression number() {
        Expression exponent = Expression.sequence(
                Expression.choice(new Bytes('e', 'e'), new Bytes('E', 'E')),
                Expression.optional(Expression.choice(new Bytes('+', '+'), new Bytes('-', '-'))),
                Expression.repeat(DIGIT, 1, 2));
        return Expression.sequence(
                Expression.optional(MINUS),
                naturals(0, LARGEST),
                Expression.optional(FRACTION),
                Expression.optional(exponent));
    }

    /** An integer within bounds, both included; {@link Expression#NOTHING} if there is none. */
    static Expression integers(long least, long most) {
        List<Expression> options = new ArrayList<>();
        if (least < 0) {
            options.add(Expression.sequence(MINUS, naturals(Math.max(1, -most), -least)));
        }
        if (most >= 0) {
            options.add(naturals(Math.max(0, least), most));
        }
        return new Expression.Choice(options);
    }

    /**
     * A number within integer bounds, without exponent.
     *
     * @param withoutLeast whether the lower bound itself is excluded
     * @param withoutMost whether the upper bound itself is excluded
     */
    static Expression numbers(long least, boolean withoutLeast, long most, boolean withoutMost) {
        Expression fraction = withoutLeast || withoutMost ? FRACTION_ABOVE_ZERO : FRACTION;
        List<Expression> options = new ArrayList<>();
        options.add(integers(withoutLeast ? least + 1 : least, withoutMost ? most - 1 : most));
        options.add(Expression.sequence(naturals(Math.max(0, least), most - 1), fraction));
        options.add(Expression.sequence(MINUS, naturals(Math.max(0, -most), -least - 1), fraction));
        return new Expression.Choice(options);
    }

    /** An integer from 0 on within bounds, both included. */
    private static Expression naturals(long least, long most) {
        List<Expression> options = new ArrayList<>();
        long power = 1; // the smallest of its length, but for 0
        for (int digits = 1; digits <= 18 && least <= most; digits++, power *= 10) {
            long low = Math.max(least, digits == 1 ? 0 : power);
            long high = Math.min(most, 10 * power - 1);
            if (low <= high) {
                options.add(between(Long.toString(low), Long.toString(high)));
            }
        }
        return new Expression.Choice(options);
    }

    /** Digits between two of the same length. */
    private static Expression between(String low, String high) {
        int length = low.length();
        if (low.chars().allMatch(c -> c == '0') && high.chars().allMatch(c -> c == '9')) {
            return Expression.repeat(DIGIT, length, length);
        }
        char first = low.charAt(0);
        char last = high.charAt(0);
        String lowRest = low.substring(1);
        String highRest = high.substring(1);
        if (first == last) {
            return Expression.sequence(new Bytes(first, first), between(lowRest, highRest));
        }
        List<Expression> options = new ArrayList<>();
        options.add(Expression.sequence(new Bytes(first, first), between(lowRest, "9".repeat(length - 1))));
        if (first + 1 < last) {
            options.add(Expression.sequence(
                    new Bytes(first + 1, last - 1), Expression.repeat(DIGIT, length - 1, length - 1)));
        }
        options.add(Expression.sequence(new Bytes(last, last), between("0".repeat(length - 1), highRest)));
        return new Expression.Choice(options);
    }
}
