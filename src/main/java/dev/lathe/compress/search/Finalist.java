package dev.lathe.compress.search;

import dev.lathe.compress.Recipe;
import dev.lathe.compress.Transform;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.SearchResult.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A recipe that is applied and measured.
 *
 * @param name where it comes from
 * @param candidate the recipe and what it is expected to cost; its last step quantizes
 */
record Finalist(String name, Candidate candidate) {
    /** The same with another way to choose numbers in its last step. */
    Finalist encodedBy(UnaryOperator<Quantize> method) {
        List<Transform> steps = new ArrayList<>(candidate.recipe().transforms());
        steps.add(method.apply((Quantize) steps.removeLast()));
        return new Finalist(name, candidate.with(Recipe.of(steps.toArray(Transform[]::new))));
    }
}
