package dev.lathe.decode;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import jdk.jfr.Recording;

/**
 * Not a test: measures what a generation's events cost it, as docs/operations.md says, first without a flight recording
 * and then with one. Argument: generations in each round; the last of five rounds is told.
 */
final class EventSpeed {
    private static final GenerationStatistics STATISTICS = new GenerationStatistics(
            9,
            0,
            Duration.ofMillis(5),
            64,
            Duration.ofMillis(100),
            Optional.of(Duration.ofMillis(6)),
            OptionalDouble.empty(),
            Optional.of(FinishReason.MAX_TOKENS),
            1,
            DecodingStatistics.none("autoregressive"),
            Optional.empty());

    private EventSpeed() {}

    public static void main(String[] arguments) {
        int generations = Integer.parseInt(arguments[0]);
        measure("no recording", generations);
        try (Recording recording = new Recording()) {
            recording.start();
            measure("recording", generations);
        }
    }

    private static void measure(String name, int generations) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        String line = "";
        for (int round = 0; round < 5; round++) {
            long bytes = threads.getCurrentThreadAllocatedBytes();
            long begin = System.nanoTime();
            for (int i = 0; i < generations; i++) {
                generate();
            }
            long time = System.nanoTime() - begin;
            line = String.format(
                    "%s: %.1f ns and %.1f bytes a generation",
                    name,
                    (double) time / generations,
                    (double) (threads.getCurrentThreadAllocatedBytes() - bytes) / generations);
        }
        System.out.println(line);
    }

    private static void generate() {
        GenerationEvents events = new GenerationEvents();
        events.begin().report(9, 0, true);
        events.end(() -> STATISTICS, ConstrainedText.free());
    }
}
