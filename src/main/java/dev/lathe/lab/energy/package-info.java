/**
 * What inference costs in energy, carbon and money, and what of it is measured and what is only modelled.
 *
 * <p>Meters implement {@link dev.lathe.measure.EnergyMeter}. May import {@code measure}, {@code lab} and {@code
 * lab.benchmark}.
 */
package dev.lathe.lab.energy;
