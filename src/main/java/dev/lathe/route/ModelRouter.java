package dev.lathe.route;

import java.util.List;
import java.util.Objects;

/**
 * Sends each query to one of several models, chosen before anything is generated. Immutable; as thread-safe as its
 * parts.
 *
 * <pre>{@code
 * ModelRouter<String, Generation> router = ModelRouter.of(
 *         List.of(new Candidate<>("small", 1, small::generate), new Candidate<>("large", 6, large::generate)),
 *         Rules.<String>otherwise(1).when(prompt -> prompt.length() < 200, 0));
 * router.route(prompt).answer().maxTokens(64).stream().forEach(token -> System.out.print(token.text()));
 * }</pre>
 *
 * @param <Q> a query
 * @param <A> an answer, or what can be run to get one
 */
public final class ModelRouter<Q, A> {
    private final List<Candidate<Q, A>> candidates;
    private final Selector<? super Q> selector;

    private ModelRouter(List<Candidate<Q, A>> candidates, Selector<? super Q> selector) {
        this.candidates = candidates;
        this.selector = selector;
    }

    /**
     * A router.
     *
     * @param candidates at least two, from the cheapest to the best
     */
    public static <Q, A> ModelRouter<Q, A> of(List<Candidate<Q, A>> candidates, Selector<? super Q> selector) {
        return new ModelRouter<>(Candidate.checked(candidates), Objects.requireNonNull(selector, "selector"));
    }

    /**
     * The candidate for a query; it is not asked.
     *
     * @throws IllegalArgumentException if the selector chooses one that is not there
     */
    public Candidate<Q, A> choose(Q query) {
        return candidates.get(index(query));
    }

    /** Asks the candidate for a query. */
    public Routed<A> route(Q query) {
        int chosen = index(query);
        Candidate<Q, A> candidate = candidates.get(chosen);
        A answer = candidate.model().apply(query);
        return new Routed<>(answer, chosen, candidate.name(), candidate.cost(), List.of());
    }

    private int index(Q query) {
        int chosen = selector.choose(query);
        if (chosen < 0 || chosen >= candidates.size()) {
            throw new IllegalArgumentException(
                    "the selector chose candidate " + chosen + " of " + candidates.size() + ": indices begin at 0");
        }
        return chosen;
    }
}
