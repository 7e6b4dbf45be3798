package dev.lathe.tools.lab;

import dev.lathe.lab.registry.Hash;
import dev.lathe.lab.registry.Machine;
import dev.lathe.lab.tune.DriftDetector;
import dev.lathe.lab.tune.SuccessiveHalving;
import dev.lathe.lab.tune.TunedSettings;
import dev.lathe.model.CacheType;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Finds the fastest settings for one kind of request on this machine. */
public final class TuneCommand {
    private static final List<String> CACHES = Options.namesOf(CacheType.class);

    private static final String HELP = """
            Tune: the number of threads, tokens of a prompt evaluated at once, type of the key/value cache, draft and number
            of requests at once with which a request takes the least time here, by successive halving. A smaller cache
            changes the logits a little.

              --try-threads LIST  numbers of threads; default: 1 and all processors
              --chunks LIST       tokens of a prompt at once; default: 512,128,32
              --caches LIST       of %s; default: F32,F16
              --drafts LIST       of %s: none drafts nothing, ngram drafts from the text itself,
                                  self by the model's first half, model by --draft; others than none need --text; default: none
              --draft FILE        a small model with the same tokenizer
              --batches LIST      requests at once, in an engine where they are several; default: 1
              --text FILE         what prompts are cut from; default: random tokens
              --prompt N          tokens of the request's prompt; default: 256
              --output N          tokens generated; default: 32
              --exhaustive N      also measures every setting N times, to say what halving missed
              --settings FOLDER   remembers what was found, and answers from there where it is known
              --check N           measures what is remembered N times, and tunes again if the time has drifted
              --tolerance X       relative change of the time that is no drift; default: 0.2
            """.formatted(String.join(", ", CACHES), String.join(", ", TunedRequest.DRAFTS));

    private static final int MOST_RECENT = 64;
    private static final double VARIANCE_SEEN = 0.9;

    private final Program program;
    private final Options options;
    private final Map<String, Object> result = new LinkedHashMap<>();

    private TuneCommand(Program program) {
        this.program = program;
        this.options = program.options;
    }

    public static Command command() {
        return new Command(HELP, program -> new TuneCommand(program).run());
    }

    private void run() throws IOException {
        List<TunedRequest.Setting> settings = settings();
        Path file = program.modelFile();
        try (TunedRequest request = new TunedRequest(options, file)) {
            String machine = Machine.current().fingerprint();
            String model = Hash.ofFile(file) + " " + request + " " + settings;
            TunedSettings memory =
                    options.has("--settings") ? new TunedSettings(Path.of(options.text("--settings", ""))) : null;
            if (options.has("--check") && memory == null) {
                throw new Options.UsageException("--check looks at remembered settings; add --settings FOLDER");
            }
            TunedSettings.Tuned found =
                    memory == null ? null : memory.find(machine, model).orElse(null);
            if (found != null && options.has("--check")) {
                found = check(found, request);
                memory.save(machine, model, found);
            }
            boolean remembered =
                    found != null && !options.has("--exhaustive") && !Boolean.TRUE.equals(result.get("drifted"));
            if (!remembered) {
                found = search(settings, request);
                if (memory != null) {
                    memory.save(machine, model, found);
                }
            }
            result.putAll(found.settings());
            result.put("seconds", found.cost());
            result.put("remembered", remembered);
        }
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-18s%s%n", name, value));
        }
    }

    private List<TunedRequest.Setting> settings() {
        int processors = Runtime.getRuntime().availableProcessors();
        List<TunedRequest.Setting> settings = new ArrayList<>();
        for (int threads : options.integers("--try-threads", processors == 1 ? "1" : processors + ",1", 1)) {
            for (int chunk : options.integers("--chunks", "512,128,32", 1)) {
                for (String cache : options.words("--caches", "F32,F16", CACHES)) {
                    for (String draft : options.words("--drafts", "none", TunedRequest.DRAFTS)) {
                        for (int batch : options.integers("--batches", "1", 1)) {
                            // an engine chooses the chunks itself
                            settings.add(
                                    new TunedRequest.Setting(threads, batch == 1 ? chunk : 0, cache, draft, batch));
                        }
                    }
                }
            }
        }
        return settings.stream().distinct().toList();
    }

    /** Whether remembered settings still take as long, by the shortest window that shows how much their time varies. */
    private TunedSettings.Tuned check(TunedSettings.Tuned found, TunedRequest request) throws IOException {
        TunedRequest.Setting setting = TunedRequest.Setting.of(found.settings());
        request.seconds(setting, 1); // to warm up
        List<Double> costs = new ArrayList<>();
        for (int i = 0; i < options.integer("--check", 5, 2); i++) {
            costs.add(request.seconds(setting, 1));
        }
        TunedSettings.Tuned known = found.with(costs, MOST_RECENT);
        double[] history =
                known.recent().stream().mapToDouble(Double::doubleValue).toArray();
        int window = DriftDetector.shortestWindow(history, VARIANCE_SEEN);
        DriftDetector detector = new DriftDetector(found.cost(), options.decimal("--tolerance", 0.2f, 0, 1e3f), window);
        boolean drifted = false;
        for (double cost : history) {
            drifted = detector.add(cost);
        }
        result.put("window", window);
        result.put("drifted", drifted);
        return known;
    }

    private TunedSettings.Tuned search(List<TunedRequest.Setting> settings, TunedRequest request) throws IOException {
        for (TunedRequest.Setting setting : settings) {
            request.seconds(setting, 1); // to warm up, and to fail early
        }
        int[] measured = {0};
        SuccessiveHalving.Result<TunedRequest.Setting> found =
                SuccessiveHalving.search(settings, 2, (setting, count) -> {
                    program.terminal.progress(
                            "measurement", ++measured[0], 2L * settings.size() + 4, setting.toString());
                    return request.seconds(setting, count);
                });
        program.terminal.progress("measurement", 1, 1, "");
        program.terminal.line("first guess %.4f s, found %.4f s", found.firstCost(), found.cost());
        TunedRequest.Setting best = found.best();
        if (options.has("--exhaustive")) {
            int count = options.integer("--exhaustive", 1, 1);
            Map<TunedRequest.Setting, Double> all = new LinkedHashMap<>();
            for (TunedRequest.Setting setting : settings) {
                all.put(setting, request.seconds(setting, count));
            }
            TunedRequest.Setting least = Collections.min(all.keySet(), Comparator.comparing(all::get));
            result.put("exhaustive", least.toString());
            result.put("exhaustiveSeconds", all.get(least));
            result.put("chosenSeconds", all.get(best));
            result.put("exhaustiveRuns", count * settings.size());
            result.put("halvingRuns", found.repetitions());
        }
        return new TunedSettings.Tuned(best.toMap(), found.cost());
    }
}
