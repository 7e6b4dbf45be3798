package dev.lathe.tools.measure;

import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.SessionOptions;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.PageStatistics;
import dev.lathe.model.TokenBatch;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** What sessions take and leave: pages of keys and values, threads, and memory as the operating system tells it. */
public final class SessionsCommand {
    private static final String HELP = """
            Sessions: opens and closes many sessions and tells what they leave, then what samples of one prompt share, and the
            memory of the process beside the limits.

              --sessions N        sessions that are opened, each for a few tokens, and closed; default: 10000
              --samples N         of one prompt; default: 32
              --tokens N          tokens of that prompt; default: 1000, or what the model was made for
              --cache TYPE        how keys and values are stored: %s; default: F16
              --page-memory MB    at most so many megabytes of keys and values in memory; the others lie in a file
              --folder DIR        where that file is; default: the folder of temporary files
            """.formatted(String.join(", ", Options.namesOf(CacheType.class)));

    private static final int MOST_OPEN = 8;
    private static final int TOKENS_EACH = 2;

    /** What the process holds, megabytes but for threads. */
    private record Held(double pages, double heap, double resident, double residentOfFiles, int threads) {}

    private final Program program;
    private final Model model;
    private final SessionOptions options;

    private SessionsCommand(Program program, Model model, SessionOptions options) {
        this.program = program;
        this.model = model;
        this.options = options;
    }

    public static Command command() {
        return new Command(HELP + Program.LOADING, SessionsCommand::start);
    }

    private static void start(Program program) throws IOException {
        Options options = program.options;
        Path folder = Path.of(options.text("--folder", System.getProperty("java.io.tmpdir")));
        long pages = options.has("--page-memory")
                ? 1_000_000L * options.integer("--page-memory", 1, 1)
                : Long.MAX_VALUE / 2; // so that they are counted
        try (Model model = Model.load(program.modelFile(), program.loadOptions().pageMemory(pages, folder))) {
            int most = model.contextLength() - TOKENS_EACH;
            int tokens = options.integer("--tokens", Math.min(1000, most), 1);
            SessionOptions sessions = SessionOptions.DEFAULT
                    .cacheType(options.choice("--cache", CacheType.F16))
                    .contextLength(tokens + TOKENS_EACH);
            new SessionsCommand(program, model, sessions).run(tokens);
        }
    }

    private void run(int tokens) throws IOException {
        Map<String, Object> result = new LinkedHashMap<>();
        int count = program.options.integer("--sessions", 10_000, 1);
        open(Math.min(count, 10 * MOST_OPEN)); // until everything is there that stays
        result.put("before", held());
        open(count);
        result.put("sessions", count);
        result.put("after", held());
        result.putAll(share(tokens));
        result.put("residentMaximum", megabytesOf("VmHWM"));
        if (program.options.has("--weight-memory")) {
            result.put("weightLimit", program.options.integer("--weight-memory", 1, 1));
        }
        if (program.options.has("--page-memory")) {
            result.put("pageLimit", program.options.integer("--page-memory", 1, 1));
        }
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-22s%s%n", name, value));
        }
    }

    private void open(int count) {
        List<Session> open = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < count; i++) {
            Session session = model.newSession(options);
            open.add(session);
            session.generate(token(random)).maxTokens(TOKENS_EACH).run();
            if (open.size() > MOST_OPEN) {
                open.remove(random.nextInt(open.size())).close();
            }
            program.terminal.progress("sessions", i + 1, count, "");
        }
        open.forEach(Session::close);
    }

    private int token(Random random) {
        return random.nextInt(model.languageModel().vocabularySize());
    }

    /** Pages of a prompt, of it and its samples before they differ, and when each has written one token. */
    private Map<String, Object> share(int tokens) throws IOException {
        Map<String, Object> result = new LinkedHashMap<>();
        Random random = new Random(2);
        List<InferenceState> states = new ArrayList<>();
        InferenceState prompt = model.languageModel().newState(tokens + TOKENS_EACH, options.cacheType());
        states.add(prompt);
        for (int done = 0; done < tokens; done += options.promptBatchSize()) {
            int[] batch = new int[Math.min(options.promptBatchSize(), tokens - done)];
            Arrays.setAll(batch, _ -> token(random));
            prompt.forward(TokenBatch.noLogits(batch));
        }
        result.put("promptTokens", tokens);
        result.put("promptPages", pages());
        int samples = program.options.integer("--samples", 32, 1);
        for (int sample = 0; sample < samples; sample++) {
            states.add(prompt.fork());
        }
        result.put("samples", samples);
        result.put("samplePages", pages());
        for (InferenceState sample : states.subList(1, states.size())) {
            sample.forward(TokenBatch.noLogits(token(random)));
        }
        result.put("samplePagesAfterToken", pages());
        result.put("withSamples", held());
        states.forEach(InferenceState::close);
        result.put("afterSamples", held());
        return result;
    }

    /** Megabytes of keys and values, in memory and in a file. */
    private double pages() {
        PageStatistics pages = model.pageStatistics()
                .orElseThrow(() -> new Program.FailureException("this kind of model has no pages of keys and values"));
        return (pages.residentBytes() + pages.fileBytes()) / 1e6;
    }

    /** After a collection, which also finds the pages that closed texts shared. */
    private Held held() throws IOException {
        System.gc();
        pages();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return new Held(
                pages(),
                (runtime.totalMemory() - runtime.freeMemory()) / 1e6,
                megabytesOf("VmRSS"),
                megabytesOf("RssFile"),
                Thread.getAllStackTraces().size());
    }

    /** A figure of the operating system about this process; NaN where it has none. */
    private static double megabytesOf(String name) throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return Double.NaN;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6;
            }
        }
        return Double.NaN;
    }
}
