package dev.lathe.compress.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.CompressedModel;
import dev.lathe.GenerationResult;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.compress.Recipe;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of every type and named mix load in llama.cpp and continue prompts with the same text. Needs
 * {@code mvn -q -Ppeer process-classes} once before; without it the test skips.
 */
class PeerTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-f16.gguf");
    private static final Path PEER = Path.of("target/peer");
    private static final String MARK = "text ";
    private static final int TOKENS = 32;

    /** Both engines round activations, each in its way: below this distance of the best two logits either may lead. */
    private static final double CLEAR = 0.5;

    private static final List<String> PROMPTS = List.of(
            "public static int max(int a, int b) {",
            "import java.util.List;\nimport java.util.Map;\n\npublic class ",
            "    /**\n     * Returns the ",
            "        for (int i = 0; i < ",
            "    @Override\n    public String toString() {",
            "        try (InputStream in = ",
            "    private final Map<String, ",
            "        if (name == null) {\n            throw new ");

    @TempDir
    private Path folder;

    /** A continuation, and how much of it no rounding of activations should change. */
    private record Continuation(String text, String clear) {}

    @Test
    void everyFileContinuesAsInLlamaCpp() throws Exception {
        Assumptions.assumeTrue(
                Files.isDirectory(PEER),
                "skipped: llama.cpp is not there; get it once with mvn -q -Ppeer process-classes");
        Map<String, Path> files = new LinkedHashMap<>();
        for (Map.Entry<String, Quantize> one : all().entrySet()) {
            Path file = folder.resolve(one.getKey() + ".gguf");
            try (CompressedModel made = Model.compress(MODEL, Recipe.of(one.getValue()))) {
                made.save(file);
            }
            files.put(one.getKey(), file);
        }
        List<String> theirs = peer(files.values());
        assertEquals(files.size() * PROMPTS.size(), theirs.size(), "every file loads and continues every prompt");
        List<String> different = new ArrayList<>();
        int whole = 0;
        int at = 0;
        for (Map.Entry<String, Path> file : files.entrySet()) {
            for (Continuation ours : continuations(file.getValue())) {
                String its = theirs.get(at++);
                whole += its.equals(ours.text()) ? 1 : 0;
                if (!its.startsWith(ours.clear())) {
                    different.add(file.getKey() + ": \"" + ours.clear() + "\", there \"" + its + "\"");
                }
            }
        }
        System.out.printf("%d of %d texts are the same to the end%n", whole, theirs.size());
        assertTrue(different.isEmpty(), () -> String.join("\n", different));
        assertTrue(whole > theirs.size() / 2, whole + " of " + theirs.size() + " texts are the same");
    }

    /** What the packaged llama.cpp reads: it is older than MXFP4. */
    private static Map<String, Quantize> all() {
        Map<String, Quantize> all = new LinkedHashMap<>();
        for (Mix mix : Mix.values()) {
            if (mix != Mix.MXFP4) {
                all.put("mix " + mix, Quantize.mix(mix));
            }
        }
        for (TensorType type : List.of(
                TensorType.F32,
                TensorType.F16,
                TensorType.BF16,
                TensorType.Q2_K,
                TensorType.Q3_K,
                TensorType.Q4_K,
                TensorType.Q5_K)) {
            all.put("type " + type, Quantize.to(type));
        }
        return all;
    }

    private static List<Continuation> continuations(Path file) throws IOException {
        List<Continuation> continuations = new ArrayList<>();
        try (Model model = Model.load(file);
                Session session = model.newSession()) {
            for (String prompt : PROMPTS) {
                GenerationResult result =
                        session.generate(prompt).maxTokens(TOKENS).run();
                int prompted = result.stats().promptTokens();
                int[] generated = result.tokenIds();
                int[] text = Arrays.copyOf(session.tokens(), prompted + generated.length);
                System.arraycopy(generated, 0, text, prompted, generated.length);
                session.reset();
                FloatMatrix logits = session.logits(text);
                int clear = 0;
                while (clear < generated.length && gap(logits.row(prompted + clear - 1)) >= CLEAR) {
                    clear++;
                }
                String sure = model.tokenizer().decode(Arrays.copyOf(generated, clear));
                continuations.add(new Continuation(result.text(), sure));
            }
        }
        return continuations;
    }

    private static double gap(float[] logits) {
        float[] sorted = logits.clone();
        Arrays.sort(sorted);
        return (double) sorted[sorted.length - 1] - sorted[sorted.length - 2];
    }

    private static List<String> peer(Iterable<Path> files) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                PEER + "/*",
                "src/tools/peer/Continue.java",
                "" + TOKENS,
                "" + PROMPTS.size()));
        command.addAll(PROMPTS);
        files.forEach(file -> command.add(file.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        return out.lines()
                .filter(line -> line.startsWith(MARK))
                .map(line ->
                        new String(Base64.getDecoder().decode(line.substring(MARK.length())), StandardCharsets.UTF_8))
                .toList();
    }
}
