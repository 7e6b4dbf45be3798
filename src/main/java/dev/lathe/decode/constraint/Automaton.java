package dev.lathe.decode.constraint;

import dev.lathe.decode.constraint.Expression.Bytes;
import dev.lathe.decode.constraint.Expression.Choice;
import dev.lathe.decode.constraint.Expression.Reference;
import dev.lathe.decode.constraint.Expression.Repeat;
import dev.lathe.decode.constraint.Expression.Sequence;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A recursive transition network over bytes (Woods: Transition Network Grammars for Natural Language Analysis, 1970): each
 * rule is a nondeterministic automaton, built as Thompson does (Regular Expression Search Algorithm, 1968), whose edges may
 * call other rules. A call at the very end of a rule leaves nothing to come back to, so rules that recur at their ends
 * alone need no stack.
 *
 * <p>Every node leads to the end of its rule: what can never be completed is left out. Immutable and thread-safe.
 */
final class Automaton {
    /** The end of every rule. */
    static final int END = 0;

    private static final int MOST_NODES = 1 << 18;

    /** What a node does; where it goes are nodes. */
    sealed interface Node {
        /** Ends the rule. */
        record End() implements Node {}

        /** Goes on if the next byte is in one of the ranges: pairs of lowest and highest. */
        record Read(int[] ranges, int next) implements Node {}

        /** Goes on at each of several nodes. */
        record Split(int[] targets) implements Node {}

        /** Goes on in a rule, and after it. */
        record Call(int rule, int next) implements Node {}
    }

    private final List<Node> nodes = new ArrayList<>();
    private final int[] starts; // [rule] its first node
    private final BitSet productive;

    private Automaton(RuleSet rules, Expression root) {
        rules.refuseLeftRecursion();
        productive = rules.productive();
        if (!RuleSet.isProductive(root, productive)) {
            throw new ConstraintException("the constraint allows no text at all");
        }
        nodes.add(new Node.End());
        starts = new int[rules.size() + 1];
        for (int rule = 0; rule < rules.size(); rule++) {
            starts[rule] = productive.get(rule) ? build(rules.body(rule), END) : END;
        }
        starts[rules.size()] = build(root, END);
    }

    /**
     * Compiles a grammar.
     *
     * @throws ConstraintException if it allows no text, a rule is left recursive, or it is too large
     */
    static Automaton of(RuleSet rules, Expression root) {
        return new Automaton(rules, root);
    }

    /** Where texts begin. */
    int start() {
        return starts[starts.length - 1];
    }

    int start(int rule) {
        return starts[rule];
    }

    Node node(int index) {
        return nodes.get(index);
    }

    int size() {
        return nodes.size();
    }

    private int add(Node node) {
        if (nodes.size() == MOST_NODES) {
            throw new ConstraintException("the constraint has more than " + MOST_NODES
                    + " states: use smaller bounds of repetitions and lengths");
        }
        nodes.add(node);
        return nodes.size() - 1;
    }

    /** The first node of an expression that goes on at {@code next}. */
    private int build(Expression expression, int next) {
        return switch (expression) {
            case Bytes bytes -> add(new Node.Read(new int[] {bytes.low(), bytes.high()}, next));
            case Sequence sequence -> {
                int first = next;
                for (Expression part : sequence.parts().reversed()) {
                    first = build(part, first);
                }
                yield first;
            }
            case Choice choice -> choice(choice, next);
            case Repeat repeat -> repeat(repeat, next);
            case Reference reference -> add(new Node.Call(reference.rule(), next));
        };
    }

    private int choice(Choice choice, int next) {
        List<Integer> ranges = new ArrayList<>();
        List<Integer> targets = new ArrayList<>();
        for (Expression option : choice.options()) {
            if (option instanceof Bytes bytes) {
                ranges.add(bytes.low());
                ranges.add(bytes.high());
            } else if (RuleSet.isProductive(option, productive)) {
                targets.add(build(option, next));
            }
        }
        if (!ranges.isEmpty()) {
            targets.add(add(
                    new Node.Read(ranges.stream().mapToInt(Integer::intValue).toArray(), next)));
        }
        return targets.size() == 1 ? targets.getFirst() : split(targets);
    }

    private int split(List<Integer> targets) {
        return add(new Node.Split(targets.stream().mapToInt(Integer::intValue).toArray()));
    }

    private int repeat(Repeat repeat, int next) {
        int first = next;
        boolean possible = RuleSet.isProductive(repeat.body(), productive);
        if (possible && repeat.most() == Repeat.UNBOUNDED) {
            int loop = add(new Node.End()); // replaced when its body is there
            int body = build(repeat.body(), loop);
            nodes.set(loop, new Node.Split(new int[] {body, next}));
            first = loop;
        } else if (possible) {
            for (int i = repeat.least(); i < repeat.most(); i++) {
                first = split(List.of(build(repeat.body(), first), next));
            }
        }
        for (int i = 0; i < repeat.least(); i++) {
            first = build(repeat.body(), first);
        }
        return first;
    }
}
