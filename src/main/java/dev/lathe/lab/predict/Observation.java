package dev.lathe.lab.predict;

/**
 * How long an operation took.
 *
 * @param operation what was measured
 * @param seconds the least of many runs, above 0: others on the machine only add time
 */
public record Observation(Operation operation, double seconds) {
    /** Checks the time. */
    public Observation {
        if (!(seconds > 0 && seconds < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(operation + " in " + seconds + " s: expected a time above 0");
        }
    }
}
