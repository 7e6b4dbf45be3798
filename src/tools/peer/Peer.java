import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaIterator;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Measures llama.cpp as Bench measures Lathe: same file, same lengths, one line a result. Started by Bench. */
final class Peer {
    private Peer() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        int promptTokens = Integer.parseInt(options.get("-p"));
        int decodeTokens = Integer.parseInt(options.get("-n"));
        int repetitions = Integer.parseInt(options.get("-r"));
        LlamaModel.setLogger(null, (level, message) -> {});
        int threads = Integer.parseInt(options.get("-t"));
        LlamaModel model = new LlamaModel(new ModelParameters()
                .setModel(options.get("--model"))
                .setThreads(threads)
                .setThreadsBatch(threads)
                .setBatchSize(512)
                .setUbatchSize(512)
                .setCtxSize(promptTokens + decodeTokens + 16));
        if (promptTokens > 0) {
            String prompt = promptOf(model, promptTokens);
            print(options, "pp" + promptTokens, promptTokens, repetitions, () -> prompt(model, prompt));
        }
        if (decodeTokens > 0) {
            print(options, "tg" + decodeTokens, decodeTokens - 1, repetitions, () -> decode(model, decodeTokens));
        }
        Runtime.getRuntime().halt(0); // closing the model can wait forever for its server's threads
    }

    private interface Task {
        /** Seconds that the counted tokens took. */
        double run();
    }

    private static void print(Map<String, String> options, String test, int tokens, int repetitions, Task task)
            throws Exception {
        task.run();
        double[] speeds = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            speeds[i] = tokens / task.run();
        }
        Arrays.sort(speeds);
        double median = (speeds[repetitions / 2] + speeds[(repetitions - 1) / 2]) / 2;
        double spread = (speeds[repetitions - 1] - speeds[0]) / 2;
        String name = Path.of(options.get("--model")).getFileName().toString().replaceFirst("\\.gguf$", "");
        System.out.println(String.join(
                "\t",
                name,
                options.get("--type"),
                test,
                options.get("-t"),
                "" + median,
                "" + spread,
                "" + peakBytes(),
                "llama.cpp"));
        System.out.flush();
    }

    /** A text of exactly so many tokens, the one that begins a text included if the model adds it. */
    private static String promptOf(LlamaModel model, int tokens) {
        StringBuilder text = new StringBuilder();
        while (model.encode(text.toString()).length < tokens) {
            int missing = tokens - model.encode(text.toString()).length;
            text.append("a b c d ".repeat(Math.max(1, missing / 16)), 0, Math.max(2, missing / 16 * 8));
        }
        while (model.encode(text.toString()).length > tokens) {
            text.setLength(text.length() - 1);
        }
        return text.toString();
    }

    private static double prompt(LlamaModel model, String prompt) {
        long start = System.nanoTime();
        LlamaIterator tokens = model.generate(parameters(prompt, 1)).iterator();
        tokens.next();
        double seconds = (System.nanoTime() - start) * 1e-9;
        drain(tokens);
        return seconds;
    }

    private static double decode(LlamaModel model, int count) {
        LlamaIterator tokens = model.generate(parameters("a", count)).iterator();
        tokens.next();
        long start = System.nanoTime();
        for (int i = 1; i < count; i++) {
            tokens.next();
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        drain(tokens);
        return seconds;
    }

    private static InferenceParameters parameters(String prompt, int tokens) {
        return new InferenceParameters(prompt)
                .setNPredict(tokens)
                .setTemperature(0)
                .setIgnoreEos(true)
                .setCachePrompt(false);
    }

    private static void drain(LlamaIterator tokens) {
        while (tokens.hasNext()) {
            tokens.next();
        }
    }

    private static long peakBytes() throws Exception {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }
}
