package dev.lathe.lab.benchmark;

import dev.lathe.figures.Stopwatch;
import dev.lathe.measure.EnergyMeter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Time and energy by stage of a request. Stages may be nested; time inside an inner stage counts for that one alone,
 * so the stages' times add up to the whole. What surrounds a model can cost more than half of a request's time
 * (AbouElhamayed et al.: Beyond Inference: Performance Analysis of DNN Server Overheads for Computer Vision, 2024),
 * so tokenizing, templates and input and output are stages like the others. Not thread-safe.
 *
 * <pre>{@code
 * try (var _ = profiler.enter("tokenize")) {
 *     tokens = tokenizer.encode(text);
 * }
 * }</pre>
 */
public final class StageProfiler {
    private final Stopwatch stopwatch;
    private final Optional<EnergyMeter> meter;
    private final Map<String, Totals> totals = new LinkedHashMap<>();
    private final Deque<String> open = new ArrayDeque<>();
    private long lastNanos;
    private double lastJoules;

    /** A profiler of time alone. */
    public StageProfiler(Stopwatch stopwatch) {
        this(stopwatch, Optional.empty());
    }

    /** A profiler of time and, with a meter, of energy. */
    public StageProfiler(Stopwatch stopwatch, Optional<EnergyMeter> meter) {
        this.stopwatch = stopwatch;
        this.meter = meter;
    }

    /** Begins a stage, which ends when the result is closed; the innermost must be closed first. */
    public Scope enter(String stage) {
        charge();
        open.push(stage);
        totals.computeIfAbsent(stage, name -> new Totals()).count++;
        return new Scope(open.size());
    }

    /** What was measured so far, in the order in which stages were first entered. */
    public List<Stage> stages() {
        charge();
        List<Stage> stages = new ArrayList<>();
        totals.forEach((name, total) -> stages.add(new Stage(name, total.count, total.nanos * 1e-9, total.joules)));
        return stages;
    }

    /** What was counted since the last look goes to the stage under way. */
    private void charge() {
        long nanos = stopwatch.nanoTime().getAsLong();
        double joules = meter.map(EnergyMeter::joules).orElse(0.0);
        if (!open.isEmpty()) {
            Totals total = totals.get(open.peek());
            total.nanos += nanos - lastNanos;
            total.joules += joules - lastJoules;
        }
        lastNanos = nanos;
        lastJoules = joules;
    }

    private static final class Totals {
        private int count;
        private long nanos;
        private double joules;
    }

    /** A stage under way. */
    public final class Scope implements AutoCloseable {
        private final int depth;

        private Scope(int depth) {
            this.depth = depth;
        }

        /**
         * Ends the stage.
         *
         * @throws IllegalStateException if an inner stage is open, or it was closed before
         */
        @Override
        public void close() {
            if (open.size() != depth) {
                throw new IllegalStateException("stage " + depth + " is closed while " + open.size()
                        + " are open: close the innermost first, each once");
            }
            charge();
            open.pop();
        }
    }
}
