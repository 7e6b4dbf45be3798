/**
 * Searches for the recipe that costs a model the least within a budget: {@link dev.lathe.compress.search.RecipeSearch}.
 *
 * <p>A {@code Part} of a model is measured by the {@code Profiler} in all its {@code Variant}s; {@code Combinations} of them are
 * searched in a {@code SearchSpace}, and the best applied and compared by {@code Verification}. A new way to make a part smaller
 * is a {@link dev.lathe.compress.LayerTransform} and a line in {@code Reduction.Way}. May import what {@code compress} may.
 */
package dev.lathe.compress.search;
