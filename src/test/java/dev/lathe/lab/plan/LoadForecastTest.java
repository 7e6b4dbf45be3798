package dev.lathe.lab.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.apache.commons.math3.distribution.GammaDistribution;
import org.apache.commons.math3.distribution.PoissonDistribution;
import org.apache.commons.math3.random.Well19937c;
import org.junit.jupiter.api.Test;

class LoadForecastTest {
    private static final int DAY = 24;

    /** Loads by the hour of a day, each hour's rate off by a tenth and more of itself. */
    private static List<Integer> loads(int hours, double dispersion, int seed) {
        Well19937c random = new Well19937c(seed);
        List<Integer> loads = new ArrayList<>();
        for (int hour = 0; hour < hours; hour++) {
            double mean = 20 + 15 * Math.sin(2 * Math.PI * hour / DAY);
            double rate = dispersion == 0
                    ? mean
                    : new GammaDistribution(random, 1 / dispersion, dispersion * mean, 1e-9).sample();
            loads.add(new PoissonDistribution(random, Math.max(1e-6, rate), 1e-9, 10_000).sample());
        }
        return loads;
    }

    @Test
    void quantilesCoverLoadsThatRiseAndFallByTheDay() {
        for (double dispersion : new double[] {0, 0.1}) {
            int covered = 0;
            int all = 0;
            for (int seed = 0; seed < 4; seed++) {
                List<Integer> loads = loads(10 * DAY, dispersion, seed);
                for (int hour = 4 * DAY; hour < loads.size(); hour++) {
                    LoadForecast forecast = LoadForecast.of(loads.subList(0, hour), DAY);
                    covered += loads.get(hour) <= forecast.quantile(0.9) ? 1 : 0;
                    all++;
                }
            }
            assertEquals(0.9, (double) covered / all, 0.04, "dispersion " + dispersion);
        }
    }

    @Test
    void aSeasonIsWorthMoneyOverRecentLoadsAlone() {
        List<Integer> loads = loads(12 * DAY, 0.02, 5);
        int from = 4 * DAY;

        double forecast = TraceReplay.forecastCost(loads, DAY, from, 1, 10);
        double recent = TraceReplay.poolCost(loads.subList(from - 1, loads.size()), DAY, 1, 10);
        double most = TraceReplay.fixedCost(loads.subList(from - 1, loads.size()), 60, 1, 10);

        assertTrue(forecast < recent, forecast + " and " + recent);
        assertTrue(forecast < most, forecast + " and " + most);
    }

    @Property(tries = 200)
    void quantilesRiseWithProbabilityAndSpread(
            @ForAll @DoubleRange(min = 0.1, max = 900) double mean,
            @ForAll @DoubleRange(min = 0, max = 1) double dispersion,
            @ForAll @DoubleRange(min = 0.05, max = 0.9) double probability) {
        LoadForecast forecast = new LoadForecast(mean, dispersion);

        assertTrue(forecast.quantile(probability) <= forecast.quantile(probability + 0.09));
        assertTrue(forecast.quantile(0.99) >= new LoadForecast(mean, 0).quantile(0.99));
        assertEquals(forecast.quantile(0.75), forecast.poolSize(1, 3));
    }

    @Test
    void withoutSpreadALoadIsPoisson() {
        PoissonDistribution poisson = new PoissonDistribution(12.5);
        for (double probability : new double[] {0.01, 0.3, 0.5, 0.9, 0.999}) {
            assertEquals(
                    poisson.inverseCumulativeProbability(probability), new LoadForecast(12.5, 0).quantile(probability));
        }
        assertThrows(IllegalArgumentException.class, () -> LoadForecast.of(List.of(1, 2, 3), 2));
        assertThrows(IllegalArgumentException.class, () -> LoadForecast.of(List.of(1, 2, 3, -4), 1));
        assertThrows(IllegalArgumentException.class, () -> new LoadForecast(1, 0).quantile(1));
        assertThrows(IllegalArgumentException.class, () -> new LoadForecast(1, 0).poolSize(0, 1));
    }
}
