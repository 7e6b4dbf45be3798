package dev.lathe.lab.judge;

import java.time.Duration;
import java.util.List;

/**
 * What programs may use.
 *
 * @param time how long compiling and running one may take
 * @param heapBytes memory of the virtual machine, the compiler's included; at least 32 MiB
 * @param sourceChars the longest source
 * @param outputBytes how much of the output is kept; the rest is counted as printed and thrown away
 * @param launcher words before the command that starts the virtual machine, such as {@code unshare -rn}, for a wall
 *     of the operating system's own; empty for none
 */
public record JudgeLimits(Duration time, long heapBytes, int sourceChars, int outputBytes, List<String> launcher) {
    private static final long LEAST_HEAP = 32L << 20;

    /** 5 seconds, 256 MiB, sources of 64 thousand characters, 16 thousand bytes of output, no launcher. */
    public static final JudgeLimits DEFAULT =
            new JudgeLimits(Duration.ofSeconds(5), 256L << 20, 1 << 16, 1 << 14, List.of());

    /** Checks the limits. */
    public JudgeLimits {
        launcher = List.copyOf(launcher);
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("time is " + time + ": expected more than nothing");
        }
        if (heapBytes < LEAST_HEAP) {
            throw new IllegalArgumentException(
                    "heapBytes is " + heapBytes + ": the compiler alone needs " + LEAST_HEAP + "; give more");
        }
        if (sourceChars < 1 || outputBytes < 0) {
            throw new IllegalArgumentException("sourceChars is " + sourceChars + ", outputBytes is " + outputBytes
                    + ": expected at least 1 and 0");
        }
    }

    /** The same with another time. */
    public JudgeLimits time(Duration limit) {
        return new JudgeLimits(limit, heapBytes, sourceChars, outputBytes, launcher);
    }

    /** The same with another heap. */
    public JudgeLimits heapBytes(long limit) {
        return new JudgeLimits(time, limit, sourceChars, outputBytes, launcher);
    }

    /** The same with another launcher. */
    public JudgeLimits launcher(String... words) {
        return new JudgeLimits(time, heapBytes, sourceChars, outputBytes, List.of(words));
    }
}
