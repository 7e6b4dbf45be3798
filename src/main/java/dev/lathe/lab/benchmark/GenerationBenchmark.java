package dev.lathe.lab.benchmark;

import dev.lathe.Generation;
import dev.lathe.Session;
import dev.lathe.TokenStream;
import dev.lathe.decode.Token;
import dev.lathe.figures.Estimate;
import dev.lathe.figures.Stopwatch;
import dev.lathe.figures.Summary;
import dev.lathe.measure.EnergyMeter;
import dev.lathe.text.ChatMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/**
 * Runs one prompt again and again, as devices are measured: Laskaridis et al.: MELTing point, 2024, arXiv:2403.12844:
 * time to the first token, times between tokens, energy by stage, and whether the speed lasts.
 */
public final class GenerationBenchmark {
    private final Session session;
    private final String prompt;
    private final Optional<Callable<String>> source; // instead of the prompt
    private final boolean asChat;
    private final Optional<Runnable> pause;
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
        this(session, prompt, Optional.empty(), false, Optional.empty(), maxTokens, stopwatch, meter);
    }

    private GenerationBenchmark(
            Session session,
            String prompt,
            Optional<Callable<String>> source,
            boolean asChat,
            Optional<Runnable> pause,
            int maxTokens,
            Stopwatch stopwatch,
            Optional<EnergyMeter> meter) {
        if (maxTokens < 3) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + ": expected at least 3");
        }
        this.session = session;
        this.prompt = prompt;
        this.source = source;
        this.asChat = asChat;
        this.pause = pause;
        this.maxTokens = maxTokens;
        this.stopwatch = stopwatch;
        this.meter = meter;
    }

    /** The same with a prompt that is read anew for each run, from a file for example: the stage {@code read}. */
    public GenerationBenchmark reading(Callable<String> source) {
        return new GenerationBenchmark(
                session, prompt, Optional.of(source), asChat, pause, maxTokens, stopwatch, meter);
    }

    /**
     * The same with the prompt as what a user says, laid out by the model's own template: the stage {@code template}, with
     * the tokenizing of what was laid out.
     */
    public GenerationBenchmark asChat() {
        return new GenerationBenchmark(session, prompt, source, true, pause, maxTokens, stopwatch, meter);
    }

    /** The same with a pause after each token, such as that of a duty cycle; the stage {@code pause}. */
    public GenerationBenchmark pausing(Runnable pause) {
        return new GenerationBenchmark(
                session, prompt, source, asChat, Optional.of(pause), maxTokens, stopwatch, meter);
    }

    /**
     * What came of it.
     *
     * @param firstToken seconds from the text of the prompt to the first token, a run each
     * @param betweenTokens seconds from one token to the next, of all runs
     * @param tokensPerSecond decoding, a run each
     * @param drift change of the decoding speed per minute as a share of its mean, with its 95% interval: below 0 on
     *     a machine that grows hot; unbounded for fewer than three runs
     * @param stages read, template or tokenize, prompt, decode, pause, detokenize
     * @param peakBytes the most memory that the process has held until the end, see {@link ProcessMemory#peakBytes}
     */
    public record Report(
            Summary firstToken,
            Summary betweenTokens,
            Summary tokensPerSecond,
            Estimate drift,
            List<Stage> stages,
            long peakBytes) {
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
     * @throws UncheckedIOException if the prompt cannot be read
     */
    public Report run(int runs, Duration atLeast) {
        StageProfiler profiler = new StageProfiler(stopwatch, meter);
        List<Double> first = new ArrayList<>();
        List<Double> between = new ArrayList<>();
        List<Double> speeds = new ArrayList<>();
        List<Double> minutes = new ArrayList<>();
        Stopwatch.Lap lap = stopwatch.start();
        for (int run = 0; run < runs || lap.nanos() < atLeast.toNanos(); run++) {
            List<Long> times = once(profiler);
            first.add((times.get(1) - times.get(0)) * 1e-9);
            for (int i = 2; i < times.size(); i++) {
                between.add((times.get(i) - times.get(i - 1)) * 1e-9);
            }
            speeds.add((times.size() - 2) / ((times.getLast() - times.get(1)) * 1e-9));
            minutes.add((times.getLast() - lap.start()) / 60e9);
        }
        return new Report(
                Summary.of(first),
                Summary.of(between),
                Summary.of(speeds),
                drift(minutes, speeds),
                profiler.stages(),
                ProcessMemory.peakBytes());
    }

    /** Times at the start and after each token. */
    private List<Long> once(StageProfiler profiler) {
        session.reset();
        List<Long> times = new ArrayList<>();
        List<Token> tokens = new ArrayList<>();
        times.add(stopwatch.nanos());
        String text = source.isPresent() ? read(profiler, source.get()) : prompt;
        try (TokenStream stream = asked(profiler, text).maxTokens(maxTokens).stream()) {
            Iterator<Token> iterator = stream.iterator();
            boolean more = true;
            while (more) {
                try (var _ = profiler.enter(tokens.isEmpty() ? "prompt" : "decode")) {
                    more = iterator.hasNext();
                }
                if (more) {
                    tokens.add(iterator.next());
                    times.add(stopwatch.nanos());
                    if (pause.isPresent()) {
                        try (var _ = profiler.enter("pause")) {
                            pause.get().run();
                        }
                    }
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

    private static String read(StageProfiler profiler, Callable<String> source) {
        try (var _ = profiler.enter("read")) {
            return source.call();
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        } catch (Exception problem) {
            throw new IllegalStateException("the prompt cannot be made: " + problem.getMessage(), problem);
        }
    }

    private Generation asked(StageProfiler profiler, String prompt) {
        try (var _ = profiler.enter(asChat ? "template" : "tokenize")) {
            return asChat
                    ? session.chat(List.of(ChatMessage.user(prompt)))
                    : session.generate(session.model().tokenizer().encode(prompt));
        }
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
