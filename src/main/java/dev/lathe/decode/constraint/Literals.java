package dev.lathe.decode.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One of many texts, as a trie of rules: however many begin alike, a state has one place for them. */
final class Literals {
    private static final int MOST_BYTES = 1 << 17;

    private Literals() {}

    static Expression choice(RuleSet rules, List<String> texts) {
        if (texts.stream().allMatch(String::isEmpty)) {
            throw new ConstraintException(
                    "a choice of " + texts.size() + " empty texts: expected one that is not empty");
        }
        List<Map<Integer, Integer>> children = new ArrayList<>(List.of(new TreeMap<>()));
        List<Boolean> ends = new ArrayList<>(List.of(false));
        for (String text : texts) {
            int node = 0;
            for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
                Integer child = children.get(node).get(b & 0xFF);
                if (child == null) {
                    child = children.size();
                    children.get(node).put(b & 0xFF, child);
                    children.add(new TreeMap<>());
                    ends.add(false);
                    if (child > MOST_BYTES) {
                        throw new ConstraintException("a choice of more than " + MOST_BYTES + " bytes in all");
                    }
                }
                node = child;
            }
            ends.set(node, true);
        }
        int first = rules.size();
        for (int node = 0; node < children.size(); node++) {
            rules.add("choice");
        }
        for (int node = 0; node < children.size(); node++) {
            List<Expression> options = new ArrayList<>();
            if (ends.get(node)) {
                options.add(Expression.EMPTY);
            }
            children.get(node)
                    .forEach((b, child) -> options.add(
                            Expression.sequence(new Expression.Bytes(b, b), new Expression.Reference(first + child))));
            rules.define(first + node, new Expression.Choice(options));
        }
        return new Expression.Reference(first);
    }
}
