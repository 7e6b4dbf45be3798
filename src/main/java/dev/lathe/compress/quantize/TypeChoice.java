package dev.lathe.compress.quantize;

import dev.lathe.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which type each matrix shall get: a choice for all, and rules for some, of which the last that applies counts. Immutable.
 *
 * @param name what to call it
 * @param base the choice for all
 * @param rules exceptions
 */
record TypeChoice(String name, Base base, List<Rule> rules) {
    /** Chooses for every matrix. */
    @FunctionalInterface
    interface Base {
        TensorType choose(Weight weight, ModelTraits model);
    }

    /**
     * An exception.
     *
     * @param name what it is for
     * @param applies to which matrices
     * @param type what they get
     */
    record Rule(String name, Predicate<Weight> applies, TensorType type) {}

    TypeChoice {
        rules = List.copyOf(rules);
    }

    /** One type, but no less than Q6_K for the head: it decides every token, and is small in large models. */
    static TypeChoice uniform(TensorType type) {
        TensorType head = bits(type) > bits(TensorType.Q6_K) ? type : TensorType.Q6_K;
        return new TypeChoice(type.name(), (weight, _) -> weight.isHead() ? head : type, List.of());
    }

    static TypeChoice mix(Mix mix) {
        return new TypeChoice(mix.name(), mix::choose, List.of());
    }

    /** The same choice under another name. */
    TypeChoice named(String other) {
        return new TypeChoice(other, base, rules);
    }

    /** The same choice with the exceptions of another one added. */
    TypeChoice withRulesOf(TypeChoice other) {
        TypeChoice changed = this;
        for (Rule rule : other.rules) {
            changed = changed.with(rule.name(), rule.type(), rule.applies());
        }
        return changed;
    }

    TypeChoice with(String ruleName, TensorType type, Predicate<Weight> applies) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(new Rule(ruleName, applies, type));
        return new TypeChoice(name + ", " + ruleName + " " + type, base, more);
    }

    /** The type of a matrix whose rows can be of any length. What rotates the residual stream itself has at least Q8_0. */
    TensorType choose(Weight weight, ModelTraits model) {
        for (Rule rule : rules.reversed()) {
            if (rule.applies().test(weight)) {
                return rule.type();
            }
        }
        TensorType type = base.choose(weight, model);
        return weight.isDelicate() && bits(type) < bits(TensorType.Q8_0) ? TensorType.Q8_0 : type;
    }

    /** Whether a rule is for the matrix. */
    boolean hasRuleFor(Weight weight) {
        return rules.stream().anyMatch(rule -> rule.applies().test(weight));
    }

    /**
     * Checks that no rule is idle.
     *
     * @throws IllegalArgumentException if a rule is for none of the matrices
     */
    void requireThatRulesApply(List<Weight> weights) {
        for (Rule rule : rules) {
            if (weights.stream().noneMatch(rule.applies())) {
                throw new IllegalArgumentException(
                        "no matrix of the model is meant by " + rule.name() + "; there are names such as "
                                + weights.stream()
                                        .limit(3)
                                        .map(weight -> weight.tensor().name())
                                        .toList());
            }
        }
    }

    /**
     * What a rule for names applies to.
     *
     * @param glob a name in which {@code *} stands for any letters and {@code ?} for one
     */
    static Predicate<Weight> namedLike(String glob) {
        StringBuilder expression = new StringBuilder();
        for (char letter : glob.toCharArray()) {
            switch (letter) {
                case '*' -> expression.append(".*");
                case '?' -> expression.append('.');
                default -> expression.append(Pattern.quote(String.valueOf(letter)));
            }
        }
        Predicate<String> matches = Pattern.compile(expression.toString()).asMatchPredicate();
        return weight -> matches.test(weight.tensor().name());
    }

    private static double bits(TensorType type) {
        return 8.0 * type.blockBytes() / type.blockSize();
    }
}
