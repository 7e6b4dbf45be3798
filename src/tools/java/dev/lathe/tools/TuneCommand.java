package dev.lathe.tools;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.SessionOptions;
import dev.lathe.lab.Stopwatch;
import dev.lathe.lab.registry.Hash;
import dev.lathe.lab.registry.Machine;
import dev.lathe.lab.tune.SuccessiveHalving;
import dev.lathe.lab.tune.TunedSettings;
import dev.lathe.model.CacheType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Finds the fastest settings for one kind of request on this machine. */
final class TuneCommand {
    private static final List<String> CACHES =
            Arrays.stream(CacheType.values()).map(Enum::name).toList();

    private static final String HELP = """
            Tune: the number of threads, tokens of a prompt evaluated at once and type of the key/value cache with which a
            request takes the least time here, by successive halving. A smaller cache changes the logits a little.

              --try-threads LIST  numbers of threads; default: 1 and all processors
              --chunks LIST       tokens of a prompt at once; default: 512,128,32
              --caches LIST       of %s; default: F32,F16
              --prompt N          tokens of the request's prompt; default: 256
              --output N          tokens generated; default: 32
              --exhaustive N      also measures every setting N times, to say what halving missed
              --settings FOLDER   remembers what was found, and answers from there where it is known
            """.formatted(String.join(", ", CACHES));

    private TuneCommand() {}

    static Command command() {
        return new Command(HELP, TuneCommand::run);
    }

    private record Setting(int threads, int chunk, String cache) {}

    private static void run(Program program) throws IOException {
        Options options = program.options;
        int prompt = options.integer("--prompt", 256, 1);
        int output = options.integer("--output", 32, 1);
        List<Setting> settings = settings(options);
        Path file = program.modelFile();
        String machine = Machine.current().fingerprint();
        String model = Hash.ofFile(file) + " prompt " + prompt + " output " + output + " " + settings;
        TunedSettings memory =
                options.has("--settings") ? new TunedSettings(Path.of(options.text("--settings", ""))) : null;
        TunedSettings.Tuned found =
                memory == null ? null : memory.find(machine, model).orElse(null);
        boolean remembered = found != null && !options.has("--exhaustive");
        Map<String, Object> result = new LinkedHashMap<>();
        if (!remembered) {
            found = search(program, file, settings, prompt, output, result);
            if (memory != null) {
                memory.save(machine, model, found);
            }
        }
        result.putAll(found.settings());
        result.put("seconds", found.cost());
        result.put("remembered", remembered);
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-12s%s%n", name, value));
        }
    }

    private static List<Setting> settings(Options options) {
        int processors = Runtime.getRuntime().availableProcessors();
        List<Setting> settings = new ArrayList<>();
        for (int threads : options.integers("--try-threads", processors == 1 ? "1" : processors + ",1", 1)) {
            for (int chunk : options.integers("--chunks", "512,128,32", 1)) {
                for (String cache : options.words("--caches", "F32,F16", CACHES)) {
                    settings.add(new Setting(threads, chunk, cache));
                }
            }
        }
        return settings.stream().distinct().toList();
    }

    private static TunedSettings.Tuned search(
            Program program, Path file, List<Setting> settings, int prompt, int output, Map<String, Object> told)
            throws IOException {
        Map<Integer, Model> models = new LinkedHashMap<>();
        try {
            for (Setting setting : settings) {
                if (!models.containsKey(setting.threads)) {
                    models.put(setting.threads, Model.load(file, new LoadOptions(setting.threads)));
                }
            }
            settings.forEach(setting -> seconds(models.get(setting.threads), setting, prompt, output, 1));
            int[] measured = {0};
            SuccessiveHalving.Result<Setting> result = SuccessiveHalving.search(settings, 2, (setting, count) -> {
                program.terminal.progress("measurement", ++measured[0], 2L * settings.size() + 4, setting.toString());
                return seconds(models.get(setting.threads), setting, prompt, output, count);
            });
            program.terminal.line("first guess %.4f s, found %.4f s", result.firstCost(), result.cost());
            Setting best = result.best();
            if (program.options.has("--exhaustive")) {
                int count = program.options.integer("--exhaustive", 1, 1);
                Map<Setting, Double> all = new LinkedHashMap<>();
                settings.forEach(setting ->
                        all.put(setting, seconds(models.get(setting.threads), setting, prompt, output, count)));
                Setting least = Collections.min(all.keySet(), Comparator.comparing(all::get));
                told.put("exhaustive", least.toString());
                told.put("exhaustiveSeconds", all.get(least));
                told.put("chosenSeconds", all.get(best));
                told.put("exhaustiveRuns", count * settings.size());
                told.put("halvingRuns", result.repetitions());
            }
            return new TunedSettings.Tuned(
                    Map.of("threads", "" + best.threads, "chunk", "" + best.chunk, "cache", best.cache), result.cost());
        } finally {
            models.values().forEach(Model::close);
        }
    }

    /** Least seconds of some requests. */
    private static double seconds(Model model, Setting setting, int prompt, int output, int count) {
        int[] tokens = new Random(1).ints(prompt, 0, model.vocabularySize()).toArray();
        SessionOptions options = SessionOptions.DEFAULT
                .contextLength(prompt + output)
                .cacheType(CacheType.valueOf(setting.cache))
                .promptBatchSize(setting.chunk);
        try (Session session = model.newSession(options)) {
            double[] seconds = Stopwatch.system()
                    .seconds(
                            () -> {
                                session.reset();
                                session.generate(tokens).maxTokens(output).run();
                            },
                            count);
            return Arrays.stream(seconds).min().orElseThrow();
        }
    }
}
