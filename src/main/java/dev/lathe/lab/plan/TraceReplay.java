package dev.lathe.lab.plan;

import dev.lathe.figures.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ToDoubleFunction;

/**
 * What a trace of requests would have met on so many machines: each request is served by the first one that is free, in
 * the order of arrival. How long a request takes is the caller's to say, for example by a {@code RuntimeProfile} that was
 * fitted to a machine.
 *
 * @param waits seconds from arrival until a machine began, request by request
 * @param latencies seconds from arrival to the end of the answer, request by request
 * @param utilization share of the machines' time in which they served, until the last answer ended
 */
public record TraceReplay(List<Double> waits, List<Double> latencies, double utilization) {
    /** Copies the lists. */
    public TraceReplay {
        waits = List.copyOf(waits);
        latencies = List.copyOf(latencies);
    }

    /**
     * Replays.
     *
     * @param machines how many, at least one
     * @param seconds how long a machine serves a request
     */
    public static TraceReplay of(Trace trace, int machines, ToDoubleFunction<Trace.Arrival> seconds) {
        if (machines < 1) {
            throw new IllegalArgumentException(machines + " machines: expected at least one");
        }
        PriorityQueue<Double> free = new PriorityQueue<>(); // when each machine is free
        for (int i = 0; i < machines; i++) {
            free.add(0.0);
        }
        List<Double> waits = new ArrayList<>();
        List<Double> latencies = new ArrayList<>();
        double busy = 0;
        double last = 0;
        for (Trace.Arrival arrival : trace.arrivals()) {
            double begin = Math.max(arrival.seconds(), free.poll());
            double service = seconds.applyAsDouble(arrival);
            if (!(service >= 0)) {
                throw new IllegalArgumentException("serving " + arrival + " takes " + service
                        + " seconds: expected a number that is not negative");
            }
            free.add(begin + service);
            waits.add(begin - arrival.seconds());
            latencies.add(begin + service - arrival.seconds());
            busy += service;
            last = Math.max(last, begin + service);
        }
        return new TraceReplay(waits, latencies, last == 0 ? 0 : busy / (machines * last));
    }

    /** The waits in figures, seconds. */
    public Summary waitSummary() {
        return Summary.of(waits);
    }

    /**
     * The fewest machines with which a share of the requests waits no longer than a time.
     *
     * @param most machines to try
     * @throws IllegalArgumentException if not even the most suffice
     */
    public static int fewest(
            Trace trace, ToDoubleFunction<Trace.Arrival> seconds, double share, double longestWait, int most) {
        for (int machines = 1; machines <= most; machines++) {
            TraceReplay replay = of(trace, machines, seconds);
            long inTime =
                    replay.waits.stream().filter(wait -> wait <= longestWait).count();
            if (inTime >= share * replay.waits.size()) {
                return machines;
            }
        }
        throw new IllegalArgumentException(
                most + " machines are too few for " + share + " of the requests to wait at most " + longestWait + " s");
    }

    /**
     * What it costs to choose each period's machines by {@link PoolSize} from the periods before it.
     *
     * @param loads machines needed in each period
     * @param window how many of the last periods are looked at; those without any before them are not counted
     * @param idleCost cost of a machine not needed in a period
     * @param missCost cost of a machine that was needed and not there
     */
    public static double poolCost(List<Integer> loads, int window, double idleCost, double missCost) {
        double cost = 0;
        for (int period = 1; period < loads.size(); period++) {
            List<Integer> history = loads.subList(Math.max(0, period - window), period);
            cost += cost(PoolSize.choose(history, idleCost, missCost), loads.get(period), idleCost, missCost);
        }
        return cost;
    }

    /**
     * What it costs to choose each period's machines by a {@link LoadForecast} from all periods before it.
     *
     * @param loads machines needed in each period
     * @param season periods of a season
     * @param from first period that counts, at least two seasons and four periods
     */
    public static double forecastCost(List<Integer> loads, int season, int from, double idleCost, double missCost) {
        double cost = 0;
        for (int period = from; period < loads.size(); period++) {
            int machines = LoadForecast.of(loads.subList(0, period), season).poolSize(idleCost, missCost);
            cost += cost(machines, loads.get(period), idleCost, missCost);
        }
        return cost;
    }

    /** What a fixed number of machines costs over the same periods as {@link #poolCost}. */
    public static double fixedCost(List<Integer> loads, int machines, double idleCost, double missCost) {
        return loads.stream()
                .skip(1)
                .mapToDouble(load -> cost(machines, load, idleCost, missCost))
                .sum();
    }

    private static double cost(int machines, int load, double idleCost, double missCost) {
        return machines >= load ? (machines - load) * idleCost : (load - machines) * missCost;
    }
}
