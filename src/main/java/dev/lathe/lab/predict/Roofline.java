package dev.lathe.lab.predict;

import dev.lathe.figures.Stopwatch;
import dev.lathe.tensor.Workers;
import java.time.Duration;

/**
 * A machine's limits: a pass takes as long as the slower of its arithmetic and its memory traffic, and a fixed time
 * besides.
 *
 * <p>Williams, Waterman and Patterson: Roofline, 2009. Both limits are measured, for one type of weights and one
 * number of threads: quantized weights are often slower than memory alone would have them.
 *
 * @param bytesPerSecond memory read
 * @param multipliesPerSecond products added
 * @param secondsPerPass fixed time of a pass
 */
public record Roofline(double bytesPerSecond, double multipliesPerSecond, double secondsPerPass) {
    private static final int ARRAY_BYTES = 256 << 20;

    /** Checks the limits. */
    public Roofline {
        if (!(bytesPerSecond > 0 && multipliesPerSecond > 0 && secondsPerPass >= 0)) {
            throw new IllegalArgumentException(bytesPerSecond + " bytes/s, " + multipliesPerSecond + " products/s, "
                    + secondsPerPass + " s a pass: expected limits above 0, and no negative time");
        }
    }

    /** Least time of a pass that reads so many bytes and adds so many products. */
    public double seconds(double bytes, double multiplies) {
        return secondsPerPass + Math.max(bytes / bytesPerSecond, multiplies / multipliesPerSecond);
    }

    /** Products for each byte read from which on arithmetic is the limit. */
    public double ridge() {
        return multipliesPerSecond / bytesPerSecond;
    }

    /**
     * Bytes a second that threads read from memory: sums of an array of 256 MB, which no cache holds; the fastest of
     * some runs. Needs so much heap.
     */
    public static double measureBandwidth(Workers workers, Stopwatch stopwatch) {
        long[] array = new long[ARRAY_BYTES / Long.BYTES];
        long[] sums = new long[workers.count()];
        Runnable sum = () -> workers.run(
                sums.length,
                part -> sums[part] = sum(array, array.length / sums.length * part, array.length / sums.length));
        double least = stopwatch.measure(sum, 5, Duration.ofSeconds(3)).least();
        return ARRAY_BYTES / least;
    }

    private static long sum(long[] array, int from, int count) {
        long sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += array[i];
        }
        return sum;
    }
}
