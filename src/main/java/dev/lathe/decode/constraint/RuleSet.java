package dev.lathe.decode.constraint;

import dev.lathe.decode.constraint.Expression.Bytes;
import dev.lathe.decode.constraint.Expression.Choice;
import dev.lathe.decode.constraint.Expression.Reference;
import dev.lathe.decode.constraint.Expression.Repeat;
import dev.lathe.decode.constraint.Expression.Sequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** The rules of a grammar under construction: numbered, named for messages, in any order, and recursive. */
final class RuleSet {
    private static final int MOST_RULES = 200_000;

    private final List<String> names = new ArrayList<>();
    private final List<Expression> bodies = new ArrayList<>();

    /** A new rule, to be defined later. */
    int add(String name) {
        if (names.size() == MOST_RULES) {
            throw new ConstraintException("the constraint has more than " + MOST_RULES + " rules: simplify it");
        }
        names.add(name);
        bodies.add(Expression.NOTHING);
        return names.size() - 1;
    }

    int add(String name, Expression body) {
        int rule = add(name);
        define(rule, body);
        return rule;
    }

    void define(int rule, Expression body) {
        bodies.set(rule, body);
    }

    int size() {
        return names.size();
    }

    /** Adds the rules of another set, and gives what an expression over them is here. */
    Expression include(RuleSet other, Expression expression) {
        int offset = size();
        other.names.forEach(this::add);
        for (int rule = 0; rule < other.size(); rule++) {
            define(offset + rule, other.body(rule).shifted(offset));
        }
        return expression.shifted(offset);
    }

    Expression body(int rule) {
        return bodies.get(rule);
    }

    /** The rules that some finite text follows; what needs another one can never be completed. */
    BitSet productive() {
        return fixpoint(RuleSet::isProductive);
    }

    static boolean isProductive(Expression expression, BitSet productive) {
        return switch (expression) {
            case Bytes bytes -> true;
            case Sequence sequence -> all(sequence.parts(), part -> isProductive(part, productive));
            case Choice choice -> any(choice.options(), option -> isProductive(option, productive));
            case Repeat repeat -> repeat.least() == 0 || isProductive(repeat.body(), productive);
            case Reference reference -> productive.get(reference.rule());
        };
    }

    /** The rules that the empty text follows. */
    private BitSet nullable() {
        return fixpoint(RuleSet::isNullable);
    }

    private static boolean isNullable(Expression expression, BitSet known) {
        return switch (expression) {
            case Bytes bytes -> false;
            case Sequence sequence -> all(sequence.parts(), part -> isNullable(part, known));
            case Choice choice -> any(choice.options(), option -> isNullable(option, known));
            case Repeat repeat -> repeat.least() == 0 || repeat.most() == 0 || isNullable(repeat.body(), known);
            case Reference reference -> known.get(reference.rule());
        };
    }

    /**
     * Refuses rules that begin with themselves: no state could say how often.
     *
     * @throws ConstraintException names the rule
     */
    void refuseLeftRecursion() {
        BitSet nullable = nullable();
        BitSet done = new BitSet();
        BitSet open = new BitSet();
        for (int root = 0; root < size(); root++) {
            Deque<Integer> path = new ArrayDeque<>();
            path.push(root);
            while (!path.isEmpty()) {
                int rule = path.pop();
                if (rule < 0) {
                    open.clear(-rule - 1);
                    done.set(-rule - 1);
                    continue;
                }
                if (open.get(rule)) {
                    throw new ConstraintException("the rule \"" + names.get(rule)
                            + "\" is left recursive: it begins with itself; write it as a repetition");
                }
                if (!done.get(rule)) {
                    open.set(rule);
                    path.push(-rule - 1);
                    BitSet first = new BitSet();
                    leftmost(bodies.get(rule), nullable, first);
                    first.stream().filter(next -> !done.get(next)).forEach(path::push);
                }
            }
        }
    }

    /** The rules that a text of an expression may begin with. */
    private static void leftmost(Expression expression, BitSet nullable, BitSet found) {
        switch (expression) {
            case Bytes bytes -> {}
            case Sequence sequence -> {
                for (Expression part : sequence.parts()) {
                    leftmost(part, nullable, found);
                    if (!isNullable(part, nullable)) {
                        break;
                    }
                }
            }
            case Choice choice -> choice.options().forEach(option -> leftmost(option, nullable, found));
            case Repeat repeat -> leftmost(repeat.body(), nullable, found);
            case Reference reference -> found.set(reference.rule());
        }
    }

    private interface Fixpoint {
        boolean holds(Expression expression, BitSet known);
    }

    /** The smallest set of rules for which it holds; a rule is looked at again when one that it refers to joined. */
    private BitSet fixpoint(Fixpoint property) {
        List<BitSet> users = new ArrayList<>();
        for (int rule = 0; rule < size(); rule++) {
            users.add(null);
        }
        Deque<Integer> open = new ArrayDeque<>();
        for (int rule = 0; rule < size(); rule++) {
            int user = rule;
            references(bodies.get(rule)).stream().forEach(used -> {
                if (users.get(used) == null) {
                    users.set(used, new BitSet());
                }
                users.get(used).set(user);
            });
            open.add(rule);
        }
        BitSet known = new BitSet();
        while (!open.isEmpty()) {
            int rule = open.poll();
            if (!known.get(rule) && property.holds(bodies.get(rule), known)) {
                known.set(rule);
                if (users.get(rule) != null) {
                    users.get(rule).stream().forEach(open::add);
                }
            }
        }
        return known;
    }

    private static BitSet references(Expression expression) {
        BitSet found = new BitSet();
        collect(expression, found);
        return found;
    }

    private static void collect(Expression expression, BitSet found) {
        switch (expression) {
            case Bytes bytes -> {}
            case Sequence sequence -> sequence.parts().forEach(part -> collect(part, found));
            case Choice choice -> choice.options().forEach(option -> collect(option, found));
            case Repeat repeat -> collect(repeat.body(), found);
            case Reference reference -> found.set(reference.rule());
        }
    }

    private static boolean all(List<Expression> parts, Predicate<Expression> property) {
        return parts.stream().allMatch(property);
    }

    private static boolean any(List<Expression> parts, Predicate<Expression> property) {
        return parts.stream().anyMatch(property);
    }
}
