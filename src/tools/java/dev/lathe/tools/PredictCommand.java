package dev.lathe.tools;

import dev.lathe.Model;
import dev.lathe.lab.Estimate;
import dev.lathe.lab.Stopwatch;
import dev.lathe.lab.Summary;
import dev.lathe.lab.predict.RuntimeProfile;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Fits the time of requests to a few runs and predicts others. */
final class PredictCommand {
    private static final String HELP = """
            Predict: the time of a request as F(prompt) + g (output - 1), fitted to a few runs of random tokens; and how wrong
            it is for lengths that it was not fitted to.

              --prompts LIST      tokens of the prompts measured; default: 1,64,128,256
              --outputs LIST      tokens generated after each; default: 1,8,32
              --prompt N          tokens of a prompt to predict the time of; default: 200
              --output N          tokens to generate after it; default: 64
              --repeat N          runs of each, of which the fastest counts; default: 3
              --warm-up S         seconds of running before it counts; default: 6
            """;

    private static final Stopwatch CLOCK = Stopwatch.system();

    private PredictCommand() {}

    static void main(String[] arguments) {
        Program.run(HELP, arguments, PredictCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        int[] prompts = options.integers("--prompts", "1,64,128,256", 1);
        int[] outputs = options.integers("--outputs", "1,8,32", 1);
        int prompt = options.integer("--prompt", 200, 1);
        int output = options.integer("--output", 64, 1);
        int repeat = options.integer("--repeat", 3, 1);
        float warmUp = options.decimal("--warm-up", 6, 0, 600);
        int capacity = Math.max(
                prompt + output,
                Arrays.stream(prompts).max().orElseThrow()
                        + Arrays.stream(outputs).max().orElseThrow());
        Map<String, Object> result = new LinkedHashMap<>();
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
                    asked.add(measure(state, tokens, prompt, output));
                }
                RuntimeProfile profile = RuntimeProfile.fitFastest(runs);
                Estimate token = profile.secondsPerToken();
                Summary errors = RuntimeProfile.crossValidate(runs);
                double measured = asked.stream()
                        .mapToDouble(RuntimeProfile.Run::seconds)
                        .min()
                        .orElseThrow();
                result.put("secondsPerToken", token.value());
                result.put("secondsPerTokenLow", token.low());
                result.put("secondsPerTokenHigh", token.high());
                result.put("firstTokenSeconds", profile.firstTokenSeconds(prompt));
                result.put("predictedSeconds", profile.seconds(prompt, output));
                result.put("measuredSeconds", measured);
                result.put("medianError", errors.median());
                result.put("largestError", errors.most());
            }
        }
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-20s%.6f%n", name, value));
        }
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
