package dev.lathe.tools.lab;

import dev.lathe.Model;
import dev.lathe.figures.Estimate;
import dev.lathe.figures.Stopwatch;
import dev.lathe.figures.Summary;
import dev.lathe.lab.predict.Roofline;
import dev.lathe.lab.predict.RuntimeProfile;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.Workers;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Fits the time of requests to a few runs and predicts others. */
public final class PredictCommand {
    private static final String HELP = """
            Predict: the time of a request as F(prompt) + g (output - 1), fitted to a few runs of random tokens; and how wrong
            it is for lengths that it was not fitted to.

              --prompts LIST      tokens of the prompts measured; default: 1,64,128,256
              --outputs LIST      tokens generated after each; default: 1,8,32
              --requests LIST     requests to predict and to measure, prompt:output; default: 32:20,100:48,200:64
              --repeat N          runs of each, of which the fastest counts; default: 3
              --warm-up S         seconds of running before it counts; default: 6
            """;

    private static final Stopwatch CLOCK = Stopwatch.system();

    private PredictCommand() {}

    public static Command command() {
        return new Command(HELP + Program.LOADING, PredictCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        int[] prompts = options.integers("--prompts", "1,64,128,256", 1);
        int[] outputs = options.integers("--outputs", "1,8,32", 1);
        List<int[]> requests = requests(options);
        int repeat = options.integer("--repeat", 3, 1);
        float warmUp = options.decimal("--warm-up", 6, 0, 600);
        int longest = requests.stream().mapToInt(r -> r[0] + r[1]).max().orElseThrow();
        int capacity = Math.max(
                longest,
                Arrays.stream(prompts).max().orElseThrow()
                        + Arrays.stream(outputs).max().orElseThrow());
        Map<String, Double> result = new LinkedHashMap<>();
        try (Model model = program.loadModel()) {
            if (capacity > model.contextLength()) {
                throw new Options.UsageException("prompts and outputs have up to " + capacity
                        + " tokens, the model was made for " + model.contextLength() + "; give shorter ones");
            }
            try (InferenceState state = model.newState(capacity, CacheType.F32)) {
                int[] tokens =
                        new Random(1).ints(capacity, 0, model.vocabularySize()).toArray();
                CLOCK.warmUp(
                        () -> request(state, tokens, prompts[prompts.length - 1], outputs[outputs.length - 1]),
                        Duration.ofMillis((long) (1000 * warmUp)));
                List<RuntimeProfile.Run> runs = new ArrayList<>();
                List<RuntimeProfile.Run> asked = new ArrayList<>();
                for (int round = 0; round < repeat; round++) {
                    program.terminal.progress("round", round, repeat, "");
                    for (int p : prompts) {
                        for (int o : outputs) {
                            runs.add(measure(state, tokens, p, o));
                        }
                    }
                    requests.forEach(request -> asked.add(measure(state, tokens, request[0], request[1])));
                }
                RuntimeProfile profile = RuntimeProfile.fitFastest(runs);
                Estimate token = profile.secondsPerToken();
                Summary errors = RuntimeProfile.crossValidate(runs);
                Summary heldOut = profile.errors(RuntimeProfile.fastest(asked));
                result.put("secondsPerToken", token.value());
                result.put("secondsPerTokenLow", token.low());
                result.put("secondsPerTokenHigh", token.high());
                result.put("medianError", errors.median());
                result.put("largestError", errors.most());
                result.put("requestsMedianError", heldOut.median());
                result.put("requestsLargestError", heldOut.most());
                for (int[] request : requests) {
                    String name = "seconds" + request[0] + ":" + request[1];
                    result.put(name, least(asked, request));
                    result.put(name + "Predicted", profile.seconds(request[0], request[1]));
                }
            }
        }
        int threads = options.integer("--threads", Runtime.getRuntime().availableProcessors(), 1);
        try (Workers workers = Workers.of(threads)) {
            double bandwidth = Roofline.measureBandwidth(workers, CLOCK);
            result.put("bytesPerSecond", bandwidth);
            result.put("secondsToReadWeights", Files.size(program.modelFile()) / bandwidth);
        }
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-24s%.6g%n", name, value));
        }
    }

    private static List<int[]> requests(Options options) {
        List<int[]> requests = new ArrayList<>();
        for (String pair : options.text("--requests", "32:20,100:48,200:64").split(",")) {
            if (!pair.matches("[1-9]\\d{0,6}:[1-9]\\d{0,6}")) {
                throw new Options.UsageException(
                        "--requests has \"" + pair + "\"; give tokens of the prompt and of the output, such as 100:48");
            }
            String[] numbers = pair.split(":");
            requests.add(new int[] {Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1])});
        }
        return requests;
    }

    private static double least(List<RuntimeProfile.Run> runs, int[] request) {
        return runs.stream()
                .filter(run -> run.promptTokens() == request[0] && run.outputTokens() == request[1])
                .mapToDouble(RuntimeProfile.Run::seconds)
                .min()
                .orElseThrow();
    }

    private static RuntimeProfile.Run measure(InferenceState state, int[] tokens, int prompt, int output) {
        return new RuntimeProfile.Run(prompt, output, CLOCK.seconds(() -> request(state, tokens, prompt, output)));
    }

    private static void request(InferenceState state, int[] tokens, int prompt, int output) {
        state.rewind(0);
        state.forward(TokenBatch.lastLogits(Arrays.copyOf(tokens, prompt)));
        for (int i = 1; i < output; i++) {
            state.forward(TokenBatch.lastLogits(tokens[i]));
        }
    }
}
