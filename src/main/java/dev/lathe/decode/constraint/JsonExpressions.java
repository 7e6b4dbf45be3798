package dev.lathe.decode.constraint;

import dev.lathe.decode.constraint.Expression.Repeat;
import dev.lathe.text.json.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON as it is written: compact, or with one space or one new line and an indentation where JSON allows blanks, so
 * that a model cannot go on with blanks forever.
 */
final class JsonExpressions {
    private static final int MOST_INDENTATION = 24;
    private static final CharacterSet ESCAPED =
            CharacterSet.NONE.with(0, 31).with('"', '"').with('\\', '\\');
    private static final CharacterSet RAW = ESCAPED.complement();
    private static final Expression QUOTE = Expression.literal("\"");
    private static final String SHORT_ESCAPES = "\"\"\\\\//b\bf\fn\nr\rt\t"; // pairs: letter, character

    /** A member of an object. */
    record Member(String name, Expression value, boolean required) {}

    private final RuleSet rules;
    private final Expression blank;
    private final Expression character;
    private final Expression value;

    JsonExpressions(RuleSet rules) {
        this.rules = rules;
        blank = rule(
                "blank",
                Expression.optional(Expression.choice(
                        Expression.literal(" "),
                        Expression.sequence(
                                Expression.literal("\n"),
                                Expression.repeat(Expression.literal(" "), 0, MOST_INDENTATION)))));
        Expression escape = RegexParser.parse("\\\\[\"\\\\/bfnrt]");
        character = rule("character", Expression.choice(RAW.utf8(), escape, unicodeEscape()));
        int any = rules.add("value");
        value = new Expression.Reference(any);
        rules.define(
                any,
                Expression.choice(
                        string(0, Repeat.UNBOUNDED),
                        JsonNumbers.number(),
                        Expression.literal("true"),
                        Expression.literal("false"),
                        Expression.literal("null"),
                        array(List.of(), value, 0, Repeat.UNBOUNDED),
                        object(List.of(), value)));
    }

    private Expression rule(String name, Expression body) {
        return new Expression.Reference(rules.add(name, body));
    }

    /** Any value. */
    Expression value() {
        return value;
    }

    /** A text of so many characters. */
    Expression string(int least, int most) {
        return Expression.sequence(QUOTE, Expression.repeat(character, least, most), QUOTE);
    }

    /** A text in which a regular expression matches somewhere. */
    static Expression matching(String pattern) {
        return Expression.sequence(QUOTE, RegexParser.parseSearch(pattern, JsonExpressions::written), QUOTE);
    }

    /** One character of a set within a text, the shortest way, or as it stands. */
    private static Expression written(CharacterSet set) {
        List<Expression> options = new ArrayList<>(List.of(set.without(ESCAPED).utf8()));
        for (int i = 0; i < SHORT_ESCAPES.length(); i += 2) {
            if (set.contains(SHORT_ESCAPES.charAt(i + 1))) {
                options.add(Expression.literal("\\" + SHORT_ESCAPES.charAt(i)));
            }
        }
        for (int control = 0; control < ' '; control++) {
            if (set.contains(control) && SHORT_ESCAPES.indexOf(control) < 0) {
                options.add(Expression.literal("\\u%04x".formatted(control)));
            }
        }
        return new Expression.Choice(options);
    }

    /** Four hexadecimal digits, or eight where it takes two of them: never half a character. */
    private static Expression unicodeEscape() {
        return RegexParser.parse("\\\\u(?:[0-9a-cefA-CEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}"
                + "|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2})");
    }

    /**
     * An array.
     *
     * @param first its first elements by their places
     * @param others all after them
     * @param most {@link Repeat#UNBOUNDED} if there is no limit
     */
    Expression array(List<Expression> first, Expression others, int least, int most) {
        Expression comma = Expression.sequence(Expression.literal(","), blank);
        int placed = most == Repeat.UNBOUNDED ? first.size() : Math.min(first.size(), most);
        int begun = Math.max(placed, 1); // elements that are not in the repetition
        Expression elements = most == Repeat.UNBOUNDED || most > begun
                ? Expression.repeat(
                        Expression.sequence(comma, others),
                        Math.max(0, least - begun),
                        most == Repeat.UNBOUNDED ? most : most - begun)
                : Expression.EMPTY;
        for (int place = begun - 1; place >= 0; place--) {
            Expression element = place < placed ? first.get(place) : others;
            Expression whole =
                    place == 0 ? Expression.sequence(element, elements) : Expression.sequence(comma, element, elements);
            elements = rule("elements", place < least ? whole : Expression.optional(whole));
        }
        return Expression.sequence(
                Expression.literal("["),
                blank,
                most == 0 ? Expression.EMPTY : elements,
                blank,
                Expression.literal("]"));
    }

    /**
     * An object.
     *
     * @param members in the order in which they are written
     * @param others what a member of another name is; {@link Expression#NOTHING} if there are none
     */
    Expression object(List<Member> members, Expression others) {
        Expression comma = Expression.sequence(Expression.literal(","), blank);
        Expression other = others == Expression.NOTHING ? others : member(otherName(members), others);
        Expression rest = Expression.any(Expression.sequence(comma, other)); // after a member
        Expression first = Expression.optional(Expression.sequence(other, rest)); // where none is before
        for (Member next : members.reversed()) {
            Expression name = Expression.literal(new JsonString(next.name()).toJson());
            Expression member = rule("member", member(name, next.value()));
            Expression whole = Expression.sequence(member, rest);
            first = rule("members", next.required() ? whole : Expression.choice(whole, first));
            Expression another = Expression.sequence(comma, member);
            rest = rule("members", Expression.sequence(next.required() ? another : Expression.optional(another), rest));
        }
        return Expression.sequence(Expression.literal("{"), blank, first, blank, Expression.literal("}"));
    }

    private static Expression member(Expression name, Expression value) {
        return Expression.sequence(name, Expression.literal(":"), Expression.optional(Expression.literal(" ")), value);
    }

    /** A name that is none of these; without escapes, which could spell them. */
    private Expression otherName(List<Member> members) {
        if (members.isEmpty()) {
            return string(0, Repeat.UNBOUNDED);
        }
        List<Map<Integer, Integer>> children = new ArrayList<>(List.of(new TreeMap<>()));
        List<Boolean> isName = new ArrayList<>(List.of(false));
        for (Member member : members) {
            int node = 0;
            for (int c : member.name().codePoints().toArray()) {
                Integer child = children.get(node).putIfAbsent(c, children.size());
                if (child == null) {
                    child = children.size();
                    children.add(new TreeMap<>());
                    isName.add(false);
                }
                node = child;
            }
            isName.set(node, true);
        }
        Expression end = rule("name", Expression.sequence(Expression.any(RAW.utf8()), QUOTE));
        int first = rules.size();
        children.forEach(node -> rules.add("name"));
        for (int node = 0; node < children.size(); node++) {
            List<Expression> options = new ArrayList<>();
            CharacterSet others = RAW;
            for (Map.Entry<Integer, Integer> child : children.get(node).entrySet()) {
                CharacterSet c = CharacterSet.NONE.with(child.getKey(), child.getKey());
                others = others.without(c);
                if (RAW.contains(child.getKey())) {
                    options.add(Expression.sequence(c.utf8(), new Expression.Reference(first + child.getValue())));
                }
            }
            options.add(Expression.sequence(others.utf8(), end));
            if (!isName.get(node)) {
                options.add(QUOTE);
            }
            rules.define(first + node, new Expression.Choice(options));
        }
        return Expression.sequence(QUOTE, new Expression.Reference(first));
    }
}
