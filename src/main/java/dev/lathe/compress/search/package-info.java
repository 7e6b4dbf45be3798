/**
 * Searches for the recipe that costs a model the least within a budget: {@link dev.lathe.compress.search.RecipeSearch}.
 *
 * <p>A new choice for a part of a layer is a {@code Variant}; what is searched over is a {@code SearchSpace}. May import what
 * {@code compress} may.
 */
package dev.lathe.compress.search;
