package dev.lathe.tools.measure;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.decode.Sampler;
import dev.lathe.figures.Stopwatch;
import dev.lathe.model.CacheType;
import dev.lathe.serve.EngineOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Measures how time and memory of many samples of one prompt grow with their length. */
final class SampleGrowth {
    private static final int PARTS = 8;

    /**
     * One part of all samples' tokens.
     *
     * @param fromToken tokens of each sample before it
     * @param toToken tokens of each sample behind it
     * @param seconds until the slowest sample had them
     * @param tokensPerSecond of all samples in this part
     * @param cacheMegabytes keys and values held then, shared pages once
     */
    record Part(int fromToken, int toToken, double seconds, double tokensPerSecond, double cacheMegabytes) {}

    /** What was measured; {@code alone} is what the samples would hold without sharing. */
    record Result(String model, int threads, int samples, int promptTokens, List<Part> parts, double aloneMegabytes) {}

    private SampleGrowth() {}

    static Result run(
            Path file, LoadOptions loading, CacheType cacheType, int samples, int promptTokens, int decodeTokens)
            throws IOException {
        EngineOptions options = EngineOptions.DEFAULT
                .texts(samples)
                .contextLength(promptTokens + decodeTokens)
                .cacheType(cacheType)
                .idleTexts(0)
                .cacheBytes(Long.MAX_VALUE / 2); // so that it is counted
        try (Model model = Model.load(file, loading);
                Engine engine = model.engine(options)) {
            double before = megabytes(engine);
            return new Result(
                    file.getFileName().toString().replaceFirst("\\.gguf$", ""),
                    loading.threads(),
                    samples,
                    promptTokens,
                    parts(engine, samples, promptTokens, decodeTokens),
                    before + samples * alone(engine, promptTokens, decodeTokens));
        }
    }

    private static List<Part> parts(Engine engine, int samples, int promptTokens, int decodeTokens) {
        int[] prompt = prompt(engine, promptTokens);
        long[] reached = new long[PARTS + 1]; // when the slowest sample had the tokens of a part
        double[] held = new double[PARTS + 1];
        List<Answer> answers = new ArrayList<>();
        for (int sample = 0; sample < samples; sample++) {
            answers.add(engine.generate(prompt)
                    .sampler(sampler(engine, sample))
                    .maxTokens(decodeTokens)
                    .onToken(token -> {
                        int part = (token.index() + 1) * PARTS / decodeTokens;
                        boolean isFirst = token.index() == 0;
                        if (isFirst || (token.index() + 1) * PARTS % decodeTokens == 0) {
                            synchronized (reached) {
                                reached[part] = Stopwatch.system().nanos();
                                held[part] = Math.max(held[part], megabytes(engine)); // those that end free theirs
                            }
                        }
                    })
                    .submit());
        }
        answers.forEach(Answer::result);
        List<Part> parts = new ArrayList<>();
        for (int part = 1; part <= PARTS; part++) {
            double seconds = (reached[part] - reached[part - 1]) * 1e-9;
            int from = (part - 1) * decodeTokens / PARTS;
            int to = part * decodeTokens / PARTS;
            parts.add(new Part(from, to, seconds, samples * (to - from) / seconds, held[part]));
        }
        return parts;
    }

    /** Megabytes of one text as long as the samples. */
    private static double alone(Engine engine, int promptTokens, int decodeTokens) {
        double[] held = {0};
        engine.generate(prompt(engine, promptTokens))
                .sampler(sampler(engine, 0))
                .maxTokens(decodeTokens)
                .onToken(token -> held[0] = megabytes(engine))
                .submit()
                .result();
        return held[0];
    }

    private static int[] prompt(Engine engine, int length) {
        return new Random(1).ints(length, 0, engine.model().vocabularySize()).toArray();
    }

    private static Sampler sampler(Engine engine, int sample) {
        Sampler sampler = Sampler.temperature(0.8f).seed(sample);
        return engine.model().tokenizer().eos().isPresent()
                ? sampler.logitBias(engine.model().tokenizer().eos().getAsInt(), Float.NEGATIVE_INFINITY)
                : sampler;
    }

    private static double megabytes(Engine engine) {
        return engine.statistics().cache().bytes() * 1e-6;
    }

    static List<List<String>> rows(Result result) {
        return result.parts().stream()
                .map(part -> List.of(
                        result.model(),
                        "" + result.samples(),
                        part.fromToken() + " to " + part.toToken(),
                        String.format(Locale.ROOT, "%.2f", part.seconds()),
                        String.format(Locale.ROOT, "%.1f", part.tokensPerSecond()),
                        String.format(Locale.ROOT, "%.1f", part.cacheMegabytes())))
                .toList();
    }
}
