/**
 * Replaces matrices by products of two smaller ones: {@link dev.lathe.compress.lowrank.LowRank}.
 *
 * <p>A {@code Factorization} is one matrix and its factors, a {@code RankAllocation} shares ranks out over all of them. May
 * import what {@code compress} may, and {@code compress.algebra}.
 */
package dev.lathe.compress.lowrank;
