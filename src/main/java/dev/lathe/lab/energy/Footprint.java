package dev.lathe.lab.energy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Energy with the carbon and the money that it means. Immutable.
 *
 * @param joules energy of the machines
 * @param grams CO2 equivalent
 * @param money in the currency of the price
 */
public record Footprint(double joules, double grams, double money) {
    private static final double JOULES_PER_KILOWATT_HOUR = 3.6e6;
    private static final double BOLTZMANN = 1.380649e-23;

    /** Nothing. */
    public static final Footprint NONE = new Footprint(0, 0, 0);

    /**
     * Where the energy comes from. All three differ by place and year, so there are no defaults: say with a report
     * whose numbers they are.
     *
     * @param usageEffectiveness power of the whole site over power of the machines (PUE); 1 for a device on a desk
     * @param gramsPerKilowattHour carbon intensity of the grid
     * @param pricePerKilowattHour price of energy
     */
    public record Grid(double usageEffectiveness, double gramsPerKilowattHour, double pricePerKilowattHour) {
        /** Checks the numbers. */
        public Grid {
            if (!(usageEffectiveness >= 1 && gramsPerKilowattHour >= 0 && pricePerKilowattHour >= 0)) {
                throw new IllegalArgumentException(
                        "PUE " + usageEffectiveness + ", " + gramsPerKilowattHour + " g/kWh, price "
                                + pricePerKilowattHour + ": expected a PUE of at least 1, the others at least 0");
            }
        }

        /** Footprint of energy used by machines on this grid: grams = kWh times PUE times intensity. */
        public Footprint of(double joules) {
            double kilowattHours = joules / JOULES_PER_KILOWATT_HOUR * usageEffectiveness;
            return new Footprint(joules, kilowattHours * gramsPerKilowattHour, kilowattHours * pricePerKilowattHour);
        }
    }

    /** The sum of two. */
    public Footprint plus(Footprint other) {
        return new Footprint(joules + other.joules, grams + other.grams, money + other.money);
    }

    /** This one so many times. */
    public Footprint times(double factor) {
        return new Footprint(joules * factor, grams * factor, money * factor);
    }

    /**
     * A fleet's footprint year by year, when requests grow and the energy of one falls, both by a constant factor a
     * year.
     *
     * <p>Desroches et al.: Exploring the sustainable scaling of AI dilemma: A projective study of corporations' AI
     * environmental impacts, 2025.
     *
     * @param firstYear footprint of the first year
     * @param growth requests of a year over those of the year before, such as 1.5
     * @param saving energy of a request over that of the year before, such as 0.8
     * @param years at least 1
     * @return one a year
     */
    public static List<Footprint> project(Footprint firstYear, double growth, double saving, int years) {
        if (!(growth > 0 && saving > 0) || years < 1) {
            throw new IllegalArgumentException("growth " + growth + ", saving " + saving + ", " + years
                    + " years: expected factors above 0 and at least one year");
        }
        List<Footprint> footprints = new ArrayList<>();
        for (int year = 0; year < years; year++) {
            footprints.add(firstYear.times(Math.pow(growth * saving, year)));
        }
        return footprints;
    }

    /**
     * The least energy that physics lets the erasing of bits cost, k T ln 2 each: a floor to print beside what was
     * measured.
     *
     * <p>Landauer: Irreversibility and Heat Generation in the Computing Process, 1961.
     *
     * @param kelvin temperature, such as 300
     */
    public static double landauerJoules(double bits, double kelvin) {
        return bits * BOLTZMANN * kelvin * Math.log(2);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.4g J, %.4g g, %.4g", joules, grams, money);
    }
}
