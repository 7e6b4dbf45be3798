package dev.lathe.decode.constraint;

import dev.lathe.decode.constraint.Expression.Repeat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads grammars as llama.cpp writes them (GBNF): rules {@code name ::= ...} of texts in quotes, classes of characters,
 * {@code .}, groups, alternatives, repetitions and names of rules; comments from {@code #} on.
 */
final class GbnfParser {
    private static final int MOST_DEPTH = 200;

    private final String text;
    private final RuleSet rules = new RuleSet();
    private final Map<String, Integer> byName = new HashMap<>();
    private final Map<String, Integer> usedAt = new HashMap<>();
    private final Set<String> defined = new HashSet<>();
    private int at;
    private int depth;

    private GbnfParser(String text) {
        this.text = text;
    }

    static Grammar parse(String grammar) {
        return new GbnfParser(grammar).grammar();
    }

    private Grammar grammar() {
        skipSpace(true);
        while (at < text.length()) {
            int start = at;
            String name = name();
            if (!defined.add(name)) {
                at = start;
                throw failure("the rule \"" + name + "\" is defined twice");
            }
            skipSpace(true);
            if (!text.startsWith("::=", at)) {
                throw failure("'::=' is expected after a rule's name");
            }
            at += 3;
            skipSpace(true);
            rules.define(rule(name), alternatives(false));
            if (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
                throw failure("the end of the rule is expected");
            }
            skipSpace(true);
        }
        usedAt.forEach((name, place) -> {
            if (!defined.contains(name)) {
                at = place;
                throw failure("the rule \"" + name + "\" is not defined");
            }
        });
        if (!defined.contains("root")) {
            throw new ConstraintException("the grammar has no rule \"root\", where texts begin");
        }
        return Grammar.of(rules, new Expression.Reference(rule("root")));
    }

    private int rule(String name) {
        return byName.computeIfAbsent(name, rules::add);
    }

    private String name() {
        int start = at;
        while (at < text.length() && isNameCharacter(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw failure("the name of a rule is expected");
        }
        return text.substring(start, at);
    }

    private static boolean isNameCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }

    /** Alternatives; those of a group may go over several lines. */
    private Expression alternatives(boolean inGroup) {
        if (++depth > MOST_DEPTH) {
            throw failure("groups nested deeper than " + MOST_DEPTH);
        }
        List<Expression> options = new ArrayList<>();
        boolean more = true;
        while (more) {
            options.add(sequence(inGroup));
            more = peek() == '|';
            if (more) {
                at++;
                skipSpace(true);
            }
        }
        depth--;
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    private Expression sequence(boolean inGroup) {
        List<Expression> parts = new ArrayList<>();
        skipSpace(inGroup);
        while (at < text.length() && "|)\n\r".indexOf(peek()) < 0) {
            Expression part = repeated(single(), inGroup);
            parts.add(part);
        }
        return new Expression.Sequence(parts);
    }

    private Expression single() {
        char c = peek();
        if (c == '"') {
            return literal();
        } else if (c == '[') {
            return characterClass().utf8();
        } else if (c == '.') {
            at++;
            return CharacterSet.ALL.utf8();
        } else if (c == '(') {
            at++;
            Expression group = alternatives(true);
            if (peek() != ')') {
                throw failure("')' is expected");
            }
            at++;
            return group;
        } else if (isNameCharacter(c)) {
            int start = at;
            String name = name();
            usedAt.putIfAbsent(name, start);
            return new Expression.Reference(rule(name));
        }
        throw failure("a text in quotes, a class, a group or the name of a rule is expected");
    }

    private Expression repeated(Expression single, boolean inGroup) {
        Expression body = single;
        while (true) {
            skipSpace(inGroup);
            switch (peek()) {
                case '*' -> body = Expression.repeat(body, 0, Repeat.UNBOUNDED);
                case '+' -> body = Expression.repeat(body, 1, Repeat.UNBOUNDED);
                case '?' -> body = Expression.repeat(body, 0, 1);
                case '{' -> {
                    body = counted(body);
                    at--;
                }
                default -> {
                    return body;
                }
            }
            at++;
        }
    }

    private Expression counted(Expression body) {
        at++;
        skipSpace(false);
        int least = number();
        int most = least;
        skipSpace(false);
        if (peek() == ',') {
            at++;
            skipSpace(false);
            most = peek() == '}' ? Repeat.UNBOUNDED : number();
            skipSpace(false);
        }
        if (peek() != '}' || most != Repeat.UNBOUNDED && most < least) {
            throw failure("a repetition such as {2}, {2,} or {2,5} is expected");
        }
        at++;
        return Expression.repeat(body, least, most);
    }

    private int number() {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == start || at - start > 6 || Integer.parseInt(text, start, at, 10) > RegexParser.MOST_REPEATS) {
            throw failure("a count from 0 to " + RegexParser.MOST_REPEATS + " is expected");
        }
        return Integer.parseInt(text, start, at, 10);
    }

    private Expression literal() {
        at++;
        StringBuilder literal = new StringBuilder();
        while (peek() != '"') {
            literal.appendCodePoint(character('"'));
        }
        at++;
        return Expression.literal(literal.toString());
    }

    private CharacterSet characterClass() {
        at++;
        boolean negated = peek() == '^';
        at += negated ? 1 : 0;
        CharacterSet set = CharacterSet.NONE;
        while (peek() != ']') {
            int low = character(']');
            int high = low;
            if (peek() == '-' && at + 1 < text.length() && text.charAt(at + 1) != ']') {
                at++;
                high = character(']');
            }
            if (high < low) {
                throw failure("a range whose end is before its beginning");
            }
            set = set.with(low, high);
        }
        at++;
        return negated ? set.complement() : set;
    }

    /** One character, or an escape of one. */
    private int character(char end) {
        if (at >= text.length() || peek() == '\n') {
            throw failure("'" + end + "' is expected");
        }
        int character = text.codePointAt(at);
        at += Character.charCount(character);
        if (character != '\\') {
            return character;
        }
        char escape = peek();
        at++;
        return switch (escape) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '\\', '"', '[', ']', '-', '^', '/', '\'' -> escape;
            case 'x' -> hexadecimal(2);
            case 'u' -> hexadecimal(4);
            case 'U' -> hexadecimal(8);
            default -> throw failure("an escape that is not known");
        };
    }

    private int hexadecimal(int digits) {
        int found = Hexadecimal.digits(text, at, digits);
        at += found;
        if (found < digits) {
            throw failure(digits + " hexadecimal digits are expected");
        }
        int value = Integer.parseUnsignedInt(text, at - digits, at, 16);
        if (!Character.isValidCodePoint(value)
                || value >= Character.MIN_SURROGATE && value <= Character.MAX_SURROGATE) {
            throw failure("no character of Unicode");
        }
        return value;
    }

    private void skipSpace(boolean lines) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                while (at < text.length() && text.charAt(at) != '\n') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || lines && (c == '\n' || c == '\r')) {
                at++;
            } else {
                return;
            }
        }
    }

    /** The next character; U+0000 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private ConstraintException failure(String problem) {
        String before = text.substring(0, Math.min(at, text.length()));
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        int column = before.length() - before.lastIndexOf('\n');
        return new ConstraintException("line " + line + ", column " + column + ": " + problem);
    }
}
