/**
 * What figures are measured with and told in: one clock, one record of repeated measurements, one estimate with its
 * interval, one table.
 *
 * <p>At the bottom, so that everything that times, plans, searches or reports uses the same: {@code LayersTest} holds
 * that no other class reads the machine's clock. Imports the class library and, for quantiles of distributions, Commons
 * Math, which {@link dev.lathe.figures.Stopwatch} and {@link dev.lathe.figures.Table} do without.
 */
package dev.lathe.figures;
