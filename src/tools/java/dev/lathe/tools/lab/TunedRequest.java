package dev.lathe.tools.lab;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.SessionOptions;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.figures.Stopwatch;
import dev.lathe.figures.Summary;
import dev.lathe.model.CacheType;
import dev.lathe.serve.EngineOptions;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The request whose time {@link TuneCommand} makes small. Owns the models that it loads. */
final class TunedRequest implements AutoCloseable {
    static final List<String> DRAFTS = List.of("none", "ngram", "self", "model");

    /**
     * How requests are computed.
     *
     * @param chunk tokens of a prompt at once; 0 where an engine chooses
     * @param batch requests at once
     */
    record Setting(int threads, int chunk, String cache, String draft, int batch) {
        Map<String, String> toMap() {
            return Map.of(
                    "threads", "" + threads, "chunk", "" + chunk, "cache", cache, "draft", draft, "batch", "" + batch);
        }

        static Setting of(Map<String, String> map) {
            return new Setting(
                    Integer.parseInt(map.get("threads")),
                    Integer.parseInt(map.get("chunk")),
                    map.get("cache"),
                    map.get("draft"),
                    Integer.parseInt(map.get("batch")));
        }
    }

    private final Options options;
    private final Path file;
    private final int promptTokens;
    private final int outputTokens;
    private final Map<Integer, Model> models = new LinkedHashMap<>(); // by threads
    private final Map<Integer, Model> drafts = new LinkedHashMap<>();

    TunedRequest(Options options, Path file) {
        this.options = options;
        this.file = file;
        promptTokens = options.integer("--prompt", 256, 1);
        outputTokens = options.integer("--output", 32, 1);
    }

    /** The least seconds of a request, of some tries. */
    double seconds(Setting setting, int count) {
        Model model = models.computeIfAbsent(setting.threads, threads -> load(file, new LoadOptions(threads)));
        Decoding decoding = decoding(setting, model);
        List<int[]> prompts = prompts(model, setting.batch);
        CacheType cache = CacheType.valueOf(setting.cache);
        return setting.batch == 1
                ? alone(model, setting, cache, decoding, prompts.getFirst(), count)
                : together(model, cache, decoding, prompts, count);
    }

    private double alone(Model model, Setting setting, CacheType cache, Decoding decoding, int[] prompt, int count) {
        SessionOptions sessions = SessionOptions.DEFAULT
                .contextLength(promptTokens + outputTokens)
                .cacheType(cache)
                .promptBatchSize(setting.chunk);
        try (Session session = model.newSession(sessions)) {
            Runnable request = () -> {
                session.reset();
                session.generate(prompt)
                        .decoding(decoding)
                        .maxTokens(outputTokens)
                        .run();
            };
            return Summary.of(Stopwatch.system().seconds(request, count)).least();
        }
    }

    private double together(Model model, CacheType cache, Decoding decoding, List<int[]> prompts, int count) {
        EngineOptions engines = EngineOptions.DEFAULT
                .texts(prompts.size())
                .idleTexts(0)
                .contextLength(promptTokens + outputTokens)
                .cacheType(cache);
        try (Engine engine = model.engine(engines)) {
            Runnable requests = () -> {
                List<Answer> answers = new ArrayList<>();
                prompts.forEach(prompt -> answers.add(engine.generate(prompt)
                        .decoding(decoding)
                        .maxTokens(outputTokens)
                        .submit()));
                answers.forEach(Answer::result);
            };
            return Summary.of(Stopwatch.system().seconds(requests, count)).least() / prompts.size();
        }
    }

    private Decoding decoding(Setting setting, Model model) {
        if (!setting.draft.equals("none") && !options.has("--text")) {
            throw new Options.UsageException(
                    "drafts guess what a text says, and random tokens say nothing; add --text FILE");
        }
        return switch (setting.draft) {
            case "none" -> Decoding.autoregressive();
            case "ngram" -> Decoding.speculative(Draft.ngram());
            case "self" ->
                Decoding.speculative(Draft.firstLayers(Math.max(1, model.layerCount() / 2)))
                        .draftLength(2);
            case "model" -> {
                if (!options.has("--draft")) {
                    throw new Options.UsageException("the draft model needs a model; add --draft FILE");
                }
                yield Decoding.speculative(Draft.model(drafts.computeIfAbsent(
                                setting.threads,
                                threads -> load(options.file("--draft", null), LoadOptions.DEFAULT.threadsOf(model)))))
                        .adaptiveDraftLength(8);
            }
            default -> throw new IllegalStateException(setting.draft);
        };
    }

    private static Model load(Path file, LoadOptions loading) {
        try {
            return Model.load(file, loading);
        } catch (IOException problem) {
            throw new UncheckedIOException(problem.getMessage(), problem);
        }
    }

    /** As many prompts as requests, each another part of the text. */
    private List<int[]> prompts(Model model, int count) {
        if (!options.has("--text")) {
            Random random = new Random(1);
            List<int[]> prompts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                prompts.add(random.ints(promptTokens, 0, model.vocabularySize()).toArray());
            }
            return prompts;
        }
        int[] text = model.tokenizer().encode(text());
        if (text.length < count * promptTokens) {
            throw new Program.FailureException("the text has " + text.length + " tokens, " + count + " prompts of "
                    + promptTokens + " need more; give a longer one");
        }
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            prompts.add(Arrays.copyOfRange(text, i * promptTokens, (i + 1) * promptTokens));
        }
        return prompts;
    }

    private String text() {
        try {
            return Files.readString(options.file("--text", null));
        } catch (IOException problem) {
            throw new UncheckedIOException(problem.getMessage(), problem);
        }
    }

    @Override
    public void close() {
        drafts.values().forEach(Model::close);
        models.values().forEach(Model::close);
    }

    /** What identifies the request, for what is remembered. */
    @Override
    public String toString() {
        return "prompt " + promptTokens + " output " + outputTokens + (options.has("--text") ? " of a text" : "");
    }
}
