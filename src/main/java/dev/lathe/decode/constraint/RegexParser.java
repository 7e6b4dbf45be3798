package dev.lathe.decode.constraint;

import dev.lathe.decode.constraint.Expression.Repeat;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads regular expressions: what Java, ECMAScript and others agree about and what is regular. Characters, {@code .},
 * classes, groups, alternatives, and repetitions, greedy or lazy, which match the same texts.
 */
final class RegexParser {
    static final int MOST_REPEATS = 100_000;
    private static final int MOST_DEPTH = 200;
    private static final int MOST_CHARACTERS = 20_000;

    private final String pattern;
    private final Function<CharacterSet, Expression> write;
    private int at;
    private int depth;

    private RegexParser(String pattern, Function<CharacterSet, Expression> write) {
        if (pattern.length() > MOST_CHARACTERS) {
            throw new ConstraintException(
                    "a regular expression of " + pattern.length() + " characters: expected at most " + MOST_CHARACTERS);
        }
        this.pattern = pattern;
        this.write = write;
    }

    /** An expression for texts that a pattern matches as a whole; anchors at its ends change nothing. */
    static Expression parse(String pattern) {
        String bare = withoutAnchors(pattern);
        return new RegexParser(bare, CharacterSet::utf8).all();
    }

    /**
     * An expression for texts in which a pattern matches somewhere.
     *
     * @param write how one character of a set is written
     */
    static Expression parseSearch(String pattern, Function<CharacterSet, Expression> write) {
        Expression anything = Expression.any(write.apply(CharacterSet.ALL));
        RegexParser parser = new RegexParser(withoutAnchors(pattern), write);
        boolean one = parser.isOneAlternative();
        if (!one && (isAnchoredBefore(pattern) || isAnchoredBehind(pattern))) {
            throw new ConstraintException("the regular expression \"" + pattern
                    + "\" has anchors in some of its alternatives: put the alternatives in a group");
        }
        return Expression.sequence(
                isAnchoredBefore(pattern) ? Expression.EMPTY : anything,
                parser.all(),
                isAnchoredBehind(pattern) ? Expression.EMPTY : anything);
    }

    private static boolean isAnchoredBefore(String pattern) {
        return pattern.startsWith("^");
    }

    private static boolean isAnchoredBehind(String pattern) {
        int backslashes = 0;
        while (backslashes + 1 < pattern.length() && pattern.charAt(pattern.length() - 2 - backslashes) == '\\') {
            backslashes++;
        }
        return pattern.endsWith("$") && backslashes % 2 == 0;
    }

    private static String withoutAnchors(String pattern) {
        return pattern.substring(
                isAnchoredBefore(pattern) ? 1 : 0,
                Math.max(
                        isAnchoredBefore(pattern) ? 1 : 0,
                        isAnchoredBehind(pattern) ? pattern.length() - 1 : pattern.length()));
    }

    /** Whether there is no bar outside of groups and classes. */
    private boolean isOneAlternative() {
        int open = 0;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '[') {
                while (i < pattern.length() && pattern.charAt(i) != ']') {
                    i += pattern.charAt(i) == '\\' ? 2 : 1;
                }
            } else if (c == '|' && open == 0) {
                return false;
            }
            open += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        return true;
    }

    private Expression all() {
        Expression all = alternatives();
        if (at < pattern.length()) {
            throw failure("a ')' without its '('");
        }
        return all;
    }

    private Expression alternatives() {
        if (++depth > MOST_DEPTH) {
            throw failure("groups nested deeper than " + MOST_DEPTH);
        }
        List<Expression> options = new ArrayList<>();
        do {
            List<Expression> parts = new ArrayList<>();
            while (at < pattern.length() && peek() != '|' && peek() != ')') {
                parts.add(repeated(single()));
            }
            options.add(new Expression.Sequence(parts));
        } while (skip('|'));
        depth--;
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    private Expression repeated(Expression body) {
        if (at >= pattern.length()) {
            return body;
        }
        int start = at;
        Expression repeated =
                switch (peek()) {
                    case '*' -> Expression.repeat(body, 0, take(Repeat.UNBOUNDED));
                    case '+' -> Expression.repeat(body, 1, take(Repeat.UNBOUNDED));
                    case '?' -> Expression.repeat(body, 0, take(1));
                    case '{' -> counted(body);
                    default -> body;
                };
        if (at > start) {
            if (at < pattern.length() && peek() == '+') {
                throw failure("a possessive repetition, which is not supported");
            }
            skip('?');
            if (at < pattern.length() && "*+?{".indexOf(peek()) >= 0) {
                throw failure("a repetition of a repetition: put it in a group");
            }
        }
        return repeated;
    }

    private int take(int value) {
        at++;
        return value;
    }

    private Expression counted(Expression body) {
        at++;
        int least = number();
        int most = least;
        if (skip(',')) {
            most = peek() == '}' ? Repeat.UNBOUNDED : number();
        }
        if (!skip('}')) {
            throw failure("'}' is expected after a count");
        }
        if (most != Repeat.UNBOUNDED && most < least) {
            throw failure("a repetition of " + least + " to " + most);
        }
        return Expression.repeat(body, least, most);
    }

    private int number() {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == start || at - start > 6 || Integer.parseInt(pattern, start, at, 10) > MOST_REPEATS) {
            throw failure("a count from 0 to " + MOST_REPEATS + " is expected");
        }
        return Integer.parseInt(pattern, start, at, 10);
    }

    private Expression single() {
        char c = peek();
        switch (c) {
            case '(' -> {
                return group();
            }
            case '[' -> {
                return write.apply(characterClass());
            }
            case '.' -> {
                at++;
                return write.apply(CharacterSet.LINE_ENDS.complement());
            }
            case '\\' -> {
                return write.apply(escape());
            }
            case '*', '+', '?', '{' -> throw failure("nothing to repeat");
            case '^', '$' -> throw failure("an anchor within a pattern, which is not supported");
            default -> {
                int character = codePoint();
                return write.apply(CharacterSet.NONE.with(character, character));
            }
        }
    }

    private Expression group() {
        at++;
        if (skip('?')) {
            if (peek() == '<' && at + 1 < pattern.length() && Character.isLetter(pattern.charAt(at + 1))) {
                int end = pattern.indexOf('>', at);
                at = end < 0 ? pattern.length() : end + 1;
            } else if (!skip(':')) {
                throw failure("a look-around or another group that is not regular, which is not supported");
            }
        }
        Expression body = alternatives();
        if (!skip(')')) {
            throw failure("a group without its ')'");
        }
        return body;
    }

    private CharacterSet characterClass() {
        at++;
        boolean negated = skip('^');
        CharacterSet set = CharacterSet.NONE;
        while (peek() != ']') {
            if (at >= pattern.length()) {
                throw failure("a class without its ']'");
            }
            if (peek() == '[' || pattern.startsWith("&&", at)) {
                throw failure("a class within a class, which is not supported: escape the '" + peek() + "'");
            }
            CharacterSet low = classPart();
            int from = low.only();
            if (peek() == '-' && at + 1 < pattern.length() && pattern.charAt(at + 1) != ']') {
                at++;
                int to = classPart().only();
                if (from < 0 || to < from) {
                    throw failure("a range of a class without two characters in order");
                }
                set = set.with(from, to);
            } else {
                set = set.with(low);
            }
        }
        at++;
        return negated ? set.complement() : set;
    }

    private CharacterSet classPart() {
        if (peek() == '\\') {
            if (pattern.startsWith("\\b", at)) {
                at += 2;
                return CharacterSet.NONE.with('\b', '\b');
            }
            return escape();
        }
        int character = codePoint();
        return CharacterSet.NONE.with(character, character);
    }

    private CharacterSet escape() {
        at++;
        char c = peek();
        at++;
        return switch (c) {
            case 'd' -> CharacterSet.DIGITS;
            case 'D' -> CharacterSet.DIGITS.complement();
            case 'w' -> CharacterSet.WORD;
            case 'W' -> CharacterSet.WORD.complement();
            case 's' -> CharacterSet.SPACE;
            case 'S' -> CharacterSet.SPACE.complement();
            case 'n' -> CharacterSet.NONE.with('\n', '\n');
            case 'r' -> CharacterSet.NONE.with('\r', '\r');
            case 't' -> CharacterSet.NONE.with('\t', '\t');
            case 'f' -> CharacterSet.NONE.with('\f', '\f');
            case 'x' -> hexadecimal(2);
            case 'u' -> hexadecimal(4);
            default -> {
                if (at > pattern.length() || Character.isLetterOrDigit(c)) {
                    at--;
                    throw failure("an escape that is not supported");
                }
                at--;
                int character = codePoint();
                yield CharacterSet.NONE.with(character, character);
            }
        };
    }

    private CharacterSet hexadecimal(int digits) {
        int found = Hexadecimal.digits(pattern, at, digits);
        at += found;
        if (found < digits) {
            throw failure(digits + " hexadecimal digits are expected");
        }
        int value = Integer.parseUnsignedInt(pattern, at - digits, at, 16);
        if (value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE) {
            throw failure("a surrogate, which is no character");
        }
        return CharacterSet.NONE.with(value, value);
    }

    private int codePoint() {
        int character = pattern.codePointAt(at);
        at += Character.charCount(character);
        return character;
    }

    private boolean skip(char wanted) {
        boolean found = at < pattern.length() && pattern.charAt(at) == wanted;
        at += found ? 1 : 0;
        return found;
    }

    /** The next character; U+0000 at the end. */
    private char peek() {
        return at < pattern.length() ? pattern.charAt(at) : 0;
    }

    private ConstraintException failure(String problem) {
        return new ConstraintException(
                "the regular expression \"" + pattern + "\", character " + (at + 1) + ": " + problem);
    }
}
