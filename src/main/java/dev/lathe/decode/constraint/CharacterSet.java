package dev.lathe.decode.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A set of Unicode's characters: code points but surrogates. Immutable. */
final class CharacterSet {
    private static final int LAST = Character.MAX_CODE_POINT;
    private static final int MOST_RANGES = 2_000;
    static final CharacterSet NONE = new CharacterSet(List.of());
    static final CharacterSet ALL = NONE.with(0, LAST);
    static final CharacterSet DIGITS = NONE.with('0', '9');
    static final CharacterSet WORD = DIGITS.with('a', 'z').with('A', 'Z').with('_', '_');

    /** White space of JSON Schema's regular expressions. */
    static final CharacterSet SPACE = NONE.with(9, 13)
            .with(' ', ' ')
            .with(0xA0, 0xA0)
            .with(0x1680, 0x1680)
            .with(0x2000, 0x200A)
            .with(0x2028, 0x2029)
            .with(0x202F, 0x202F)
            .with(0x205F, 0x205F)
            .with(0x3000, 0x3000)
            .with(0xFEFF, 0xFEFF);

    /** What ends a line. */
    static final CharacterSet LINE_ENDS = NONE.with('\n', '\n').with('\r', '\r').with(0x2028, 0x2029);

    private record Range(int low, int high) {}

    private final List<Range> ranges; // ascending, apart

    private CharacterSet(List<Range> ranges) {
        this.ranges = ranges;
    }

    /** These characters too; both ends are included. */
    CharacterSet with(int low, int high) {
        List<Range> more = new ArrayList<>();
        int from = low;
        int to = high;
        for (Range range : ranges) {
            if (range.high() + 1 < from || range.low() > to + 1) {
                more.add(range);
            } else {
                from = Math.min(from, range.low());
                to = Math.max(to, range.high());
            }
        }
        more.add(new Range(from, to));
        if (more.size() > MOST_RANGES) {
            throw new ConstraintException("a class of more than " + MOST_RANGES + " ranges of characters");
        }
        more.sort((a, b) -> Integer.compare(a.low(), b.low()));
        return new CharacterSet(more);
    }

    CharacterSet with(CharacterSet others) {
        CharacterSet all = this;
        for (Range range : others.ranges) {
            all = all.with(range.low(), range.high());
        }
        return all;
    }

    CharacterSet complement() {
        List<Range> others = new ArrayList<>();
        int from = 0;
        for (Range range : ranges) {
            if (range.low() > from) {
                others.add(new Range(from, range.low() - 1));
            }
            from = range.high() + 1;
        }
        if (from <= LAST) {
            others.add(new Range(from, LAST));
        }
        return new CharacterSet(others);
    }

    CharacterSet without(CharacterSet others) {
        return complement().with(others).complement();
    }

    /** The character of a set of one; -1 for other sets. */
    int only() {
        return ranges.size() == 1
                        && ranges.getFirst().low() == ranges.getFirst().high()
                ? ranges.getFirst().low()
                : -1;
    }

    boolean contains(int character) {
        return ranges.stream().anyMatch(range -> range.low() <= character && character <= range.high());
    }

    /** One of these characters in UTF-8. */
    Expression utf8() {
        List<Expression> options = new ArrayList<>();
        for (Range range : ranges) {
            addUtf8(range.low(), range.high(), options);
        }
        return new Expression.Choice(options);
    }

    /** Cuts a range where the number of bytes changes, and leaves surrogates out, which have no UTF-8. */
    private static void addUtf8(int low, int high, List<Expression> options) {
        int[] starts = {0, 0x80, 0x800, 0xE000, 0x10000};
        int[] ends = {0x7F, 0x7FF, 0xD7FF, 0xFFFF, LAST};
        for (int i = 0; i < starts.length; i++) {
            int from = Math.max(low, starts[i]);
            int to = Math.min(high, ends[i]);
            if (from <= to) {
                addEqualLengths(from, to, options);
            }
        }
    }

    /** Cuts a range into products of ranges of bytes. */
    private static void addEqualLengths(int low, int high, List<Expression> options) {
        byte[] first = Character.toString(low).getBytes(StandardCharsets.UTF_8);
        for (int shift = 6; shift < 6 * first.length; shift += 6) {
            int mask = (1 << shift) - 1;
            if ((low & ~mask) != (high & ~mask)) {
                if ((low & mask) != 0) {
                    addEqualLengths(low, low | mask, options);
                    addEqualLengths((low | mask) + 1, high, options);
                    return;
                }
                if ((high & mask) != mask) {
                    addEqualLengths(low, (high & ~mask) - 1, options);
                    addEqualLengths(high & ~mask, high, options);
                    return;
                }
            }
        }
        byte[] last = Character.toString(high).getBytes(StandardCharsets.UTF_8);
        Expression[] bytes = new Expression[first.length];
        for (int i = 0; i < first.length; i++) {
            bytes[i] = new Expression.Bytes(first[i] & 0xFF, last[i] & 0xFF);
        }
        options.add(Expression.sequence(bytes));
    }
}
