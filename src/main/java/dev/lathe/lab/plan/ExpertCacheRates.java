package dev.lathe.lab.plan;

import dev.lathe.packed.ExpertPlaces;
import dev.lathe.tensor.store.ExpertCacheOptions.Eviction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * How often experts would be in memory when they are needed, if few of them fit: a simulation of recorded choices, without a
 * model. Rates are of the second half of the record, from empty places on; what is pinned was most used in the first half.
 *
 * <p>No rule that reads on demand has a higher rate than the bound, which looks ahead. Belady, "A study of replacement algorithms
 * for a virtual-storage computer", IBM Systems Journal 5(2), 1966.
 *
 * @param leastRecent where the one leaves whose use is the longest ago, as models under a limit do
 * @param leastFrequent where the one leaves that was used least often
 * @param halfPinned where half of the places have the most used ones for good, and in the others the least recent leaves
 * @param bound where the one leaves whose next use is the farthest ahead
 */
public record ExpertCacheRates(double leastRecent, double leastFrequent, double halfPinned, double bound) {
    private static final int NEVER = Integer.MAX_VALUE;

    /**
     * Simulates.
     *
     * @param requests experts that are needed at once, one request after the other, each of different ones
     * @param experts how many there are
     * @param places how many fit; at least twice as many as any request needs, as half of them may be pinned
     * @throws IllegalArgumentException if there are too few places
     */
    public static ExpertCacheRates of(List<int[]> requests, int experts, int places) {
        int together =
                requests.stream().mapToInt(request -> request.length).max().orElse(0);
        if (places < 2 * together) {
            throw new IllegalArgumentException(
                    places + " places: expected at least " + 2 * together + ", twice what is needed at once");
        }
        List<int[]> first = requests.subList(0, requests.size() / 2);
        List<int[]> second = requests.subList(requests.size() / 2, requests.size());
        ExpertPlaces pinned = new ExpertPlaces(experts, places, Eviction.LEAST_RECENT);
        mostUsed(first, experts).stream().limit(places / 2).forEach(expert -> pinned.pin(pinned.put(expert)));
        return new ExpertCacheRates(
                rate(second, new ExpertPlaces(experts, places, Eviction.LEAST_RECENT)),
                rate(second, new ExpertPlaces(experts, places, Eviction.LEAST_FREQUENT)),
                rate(second, pinned),
                bound(second, experts, places));
    }

    private static List<Integer> mostUsed(List<int[]> requests, int experts) {
        long[] uses = new long[experts];
        requests.forEach(request -> Arrays.stream(request).forEach(expert -> uses[expert]++));
        return IntStream.range(0, experts)
                .boxed()
                .sorted(Comparator.comparingLong((Integer expert) -> -uses[expert]))
                .toList();
    }

    /** What is pinned had to be read too. */
    private static double rate(List<int[]> requests, ExpertPlaces places) {
        for (int[] request : requests) {
            places.take(request);
            for (int expert : request) {
                places.release(places.place(expert));
            }
        }
        return share(places.hits() - places.pinned(), requests);
    }

    private static double share(long hits, List<int[]> requests) {
        long uses = requests.stream().mapToLong(request -> request.length).sum();
        return uses == 0 ? 0 : (double) Math.max(0, hits) / uses;
    }

    private static double bound(List<int[]> requests, int experts, int places) {
        List<int[]> nextUses = nextUses(requests, experts);
        int[] next = new int[experts]; // of what is there
        TreeSet<Integer> there = new TreeSet<>(
                Comparator.comparingInt((Integer expert) -> next[expert]).thenComparingInt(expert -> expert));
        long hits = 0;
        for (int at = 0; at < requests.size(); at++) {
            int[] request = requests.get(at);
            for (int i = 0; i < request.length; i++) {
                if (there.remove(request[i])) {
                    hits++;
                }
                next[request[i]] = nextUses.get(at)[i];
            }
            while (there.size() + request.length > places) {
                there.pollLast();
            }
            Arrays.stream(request).forEach(there::add);
        }
        return share(hits, requests);
    }

    /** For each expert of each request, the request that needs it next. */
    private static List<int[]> nextUses(List<int[]> requests, int experts) {
        int[] next = new int[experts];
        Arrays.fill(next, NEVER);
        List<int[]> uses = new ArrayList<>();
        for (int at = requests.size() - 1; at >= 0; at--) {
            int[] request = requests.get(at);
            uses.add(Arrays.stream(request).map(expert -> next[expert]).toArray());
            for (int expert : request) {
                next[expert] = at;
            }
        }
        return uses.reversed();
    }
}
