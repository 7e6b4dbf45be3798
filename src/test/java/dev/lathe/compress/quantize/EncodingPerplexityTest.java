package dev.lathe.compress.quantize;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.CompressedModel;
import dev.lathe.Model;
import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.compress.Recipe;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import dev.lathe.text.TestJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real model, encoded without calibration, predicts a text as well as llama-quantize's file of the same name. */
@Slow
class EncodingPerplexityTest {
    private static final double TOLERANCE = 0.01;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"Q8_0", "Q4_0", "Q4_K_M", "Q3_K_M", "IQ4_XS"})
    void isThatOfTheOtherToolsFileAtMost(String mix) throws IOException {
        String text = Files.readString(ReferenceData.require("text/java.txt"));
        Map<String, Object> rows = TestJson.map(TestJson.map(TestJson.read(ReferenceData.require("perplexity.json")))
                .get("lathe-java"));
        Map<String, Object> expected = TestJson.map(rows.get(mix));
        Path file = folder.resolve("small.gguf");
        try (CompressedModel made =
                Model.compress(Path.of("examples/models/lathe-java-f16.gguf"), Recipe.of(Quantize.mix(mix)))) {
            made.save(file);
        }
        long bytes = ((Number) expected.get("bytes")).longValue();
        assertTrue(Files.size(file) <= bytes, Files.size(file) + " bytes, there " + bytes);
        try (Model model = Model.load(file)) {
            int[] tokens = model.tokenizer().encode(text);
            Windows windows = Windows.of(512)
                    .limit(24)
                    .beginningWith(model.tokenizer().bos().orElseThrow());
            double perplexity =
                    Perplexity.of(model.languageModel(), tokens, windows).value();
            double limit = (1 + TOLERANCE) * ((Number) expected.get("perplexity")).doubleValue();
            assertTrue(perplexity <= limit, perplexity + " above " + limit);
            assertTrue(perplexity > 9, perplexity + " is too good to be true");
        }
    }
}
