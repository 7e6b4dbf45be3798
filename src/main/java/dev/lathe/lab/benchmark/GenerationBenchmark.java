package dev.lathe.lab.benchmark;

import dev.lathe.Session;
import dev.lathe.TokenStream;
import dev.lathe.decode.Token;
import dev.lathe.lab.Estimate;
import dev.lathe.lab.Stopwatch;
import dev.lathe.lab.Summary;
import dev.lathe.measure.EnergyMeter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/**
 * Runs one prompt again and again, as devices are measured: Laskaridis et al.: MELTing point, 2024, arXiv:2403.12844:
 * time to the first token, times between tokens, energy by stage, and whether the speed lasts.
 */
public final class GenerationBenchmark {
    private final Session session;
    private final String prompt;
    private final int maxTokens;
    private final Stopwatch stopwatch;
    private final Optional<EnergyMeter> meter;

    /**
     * A benchmark of a session, which is reset before every run.
     *
     * @param maxTokens tokens a run; at least 3, so that there is a time between tokens
     * @param meter of energy, if there is one
     */
    public GenerationBenchmark(
            Session session, String prompt, int maxTokens, Stopwatch stopwatch, Optional<EnergyMeter> meter) {
        if (maxTokens < 3) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + ": expected at least 3");
        }
        this.session = session;
        this.prompt = prompt;
        this.maxTokens = maxTokens;
        this.stopwatch = stopwatch;
        this.meter = meter;
    }

    /**
     * What came of it.
     *
     * @param firstToken seconds from the text of the prompt to the first token, a run each
     * @param betweenTokens seconds from one token to the next, of all runs
     * @param tokensPerSecond decoding, a run each
     * @param drift change of the decoding speed per minute as a share of its mean, with its 95% interval: below 0 on
     *     a machine that grows hot; unbounded for fewer than three runs
     * @param stages tokenize, prompt, decode, detokenize
     */
    public record Report(
            Summary firstToken, Summary betweenTokens, Summary tokensPerSecond, Estimate drift, List<Stage> stages) {
        /** Energy of the stages. */
        public double joules() {
            return stages.stream().mapToDouble(Stage::joules).sum();
        }
    }

    /**
     * Runs at least so often, and at least so long.
     *
     * @param runs at least 1
     * @throws IllegalStateException if the model ends the text before its third token
     */
    public Report run(int runs, Duration atLeast) {
        StageProfiler profiler = new StageProfiler(stopwatch, meter);
        List<Double> first = new ArrayList<>();
        List<Double> between = new ArrayList<>();
        List<Double> speeds = new ArrayList<>();
        List<Double> minutes = new ArrayList<>();
        long start = stopwatch.nanoTime().getAsLong();
        for (int run = 0; run < runs || stopwatch.nanoTime().getAsLong() - start < atLeast.toNanos(); run++) {
            List<Long> times = once(profiler);
            first.add((times.get(1) - times.get(0)) * 1e-9);
            for (int i = 2; i < times.size(); i++) {
                between.add((times.get(i) - times.get(i - 1)) * 1e-9);
            }
            speeds.add((times.size() - 2) / ((times.getLast() - times.get(1)) * 1e-9));
            minutes.add((times.getLast() - start) / 60e9);
        }
        return new Report(summary(first), summary(between), summary(speeds), drift(minutes, speeds), profiler.stages());
    }

    /** Times at the start and after each token. */
    private List<Long> once(StageProfiler profiler) {
        session.reset();
        List<Long> times = new ArrayList<>();
        List<Token> tokens = new ArrayList<>();
        times.add(stopwatch.nanoTime().getAsLong());
        int[] ids;
        try (var _ = profiler.enter("tokenize")) {
            ids = session.model().tokenizer().encode(prompt);
        }
        try (TokenStream stream = session.generate(ids).maxTokens(maxTokens).stream()) {
            Iterator<Token> iterator = stream.iterator();
            boolean more = true;
            while (more) {
                try (var _ = profiler.enter(tokens.isEmpty() ? "prompt" : "decode")) {
                    more = iterator.hasNext();
                }
                if (more) {
                    tokens.add(iterator.next());
                    times.add(stopwatch.nanoTime().getAsLong());
                }
            }
        }
        if (tokens.size() < 3) {
            throw new IllegalStateException("the model ended the text after " + tokens.size()
                    + " tokens: nothing to measure; give another prompt");
        }
        try (var _ = profiler.enter("detokenize")) {
            session.model()
                    .tokenizer()
                    .decode(tokens.stream().mapToInt(Token::id).toArray());
        }
        return times;
    }

    private static Summary summary(List<Double> values) {
        return Summary.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Slope of a line through speeds over time. */
    static Estimate drift(List<Double> minutes, List<Double> speeds) {
        SimpleRegression line = new SimpleRegression();
        for (int i = 0; i < speeds.size(); i++) {
            line.addData(minutes.get(i), speeds.get(i));
        }
        if (speeds.size() < 3) {
            return new Estimate(0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        }
        double mean = speeds.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        double half = new TDistribution(speeds.size() - 2).inverseCumulativeProbability(0.975) * line.getSlopeStdErr();
        double slope = line.getSlope();
        return new Estimate(slope / mean, (slope - half) / mean, (slope + half) / mean);
    }
}
