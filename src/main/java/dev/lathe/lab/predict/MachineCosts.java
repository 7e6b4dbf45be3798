package dev.lathe.lab.predict;

import dev.lathe.lab.registry.Machine;
import dev.lathe.tensor.TensorType;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What operations take on one machine. Immutable.
 *
 * @param machine where they were measured
 * @param kernels the kernel set that computed, such as {@code avx512}
 * @param limits the machine's limits, one for each type of weights and number of threads that was measured
 * @param observations each operation once, in the order of their text
 */
public record MachineCosts(Machine machine, String kernels, List<Limit> limits, List<Observation> observations) {
    /**
     * Limits for one type and number of threads.
     *
     * @param type of weights
     * @param threads that compute
     * @param roofline what bounds their speed
     */
    public record Limit(TensorType type, int threads, Roofline roofline) {}

    /** Sorts, keeps the fastest of what was measured twice, and checks that every operation has its limit. */
    public MachineCosts {
        Map<String, Limit> byKind = new HashMap<>();
        limits.forEach(limit -> byKind.merge(kind(limit.type, limit.threads), limit, MachineCosts::best));
        Map<Operation, Observation> byOperation = new HashMap<>();
        for (Observation observation : observations) {
            Operation operation = observation.operation();
            if (!byKind.containsKey(kind(operation.type(), operation.threads()))) {
                throw new IllegalArgumentException(operation + " without a limit of " + operation.type() + " on "
                        + operation.threads() + " threads: measure the machine's limits too");
            }
            byOperation.merge(operation, observation, (a, b) -> a.seconds() <= b.seconds() ? a : b);
        }
        limits = byKind.values().stream()
                .sorted(Comparator.comparing(limit -> kind(limit.type, limit.threads)))
                .toList();
        observations = byOperation.values().stream()
                .sorted(Comparator.comparing(
                        observation -> observation.operation().toString()))
                .toList();
    }

    private static Limit best(Limit a, Limit b) {
        return new Limit(
                a.type,
                a.threads,
                new Roofline(
                        Math.max(a.roofline.bytesPerSecond(), b.roofline.bytesPerSecond()),
                        Math.max(a.roofline.multipliesPerSecond(), b.roofline.multipliesPerSecond()),
                        Math.min(a.roofline.secondsPerPass(), b.roofline.secondsPerPass())));
    }

    private static String kind(TensorType type, int threads) {
        return type + " " + threads;
    }

    /** What tells machines apart. */
    public String name() {
        return machine.fingerprint() + ", " + kernels;
    }

    /**
     * The limits for a kind of operation.
     *
     * @throws IllegalArgumentException if they were not measured
     */
    public Roofline roofline(TensorType type, int threads) {
        return limits.stream()
                .filter(limit -> limit.type == type && limit.threads == threads)
                .map(Limit::roofline)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no limits of " + type + " on " + threads
                        + " threads were measured on " + name() + ": measure them, or ask for one of " + limits));
    }

    /** The measurements of both; of what both measured, the faster. */
    MachineCosts merge(MachineCosts other) {
        return new MachineCosts(
                machine,
                kernels,
                Stream.concat(limits.stream(), other.limits.stream()).toList(),
                Stream.concat(observations.stream(), other.observations.stream())
                        .toList());
    }
}
