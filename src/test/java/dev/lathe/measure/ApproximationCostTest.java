package dev.lathe.measure;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Slow;
import dev.lathe.model.Arithmetic;
import dev.lathe.model.CacheType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Small caches and products without multiplications cost the real model about what their pages say, on a source of this
 * project.
 */
@Slow
class ApproximationCostTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-f16.gguf");
    private static final Path TEXT = Path.of("src/main/java/dev/lathe/Session.java");

    @ParameterizedTest
    @CsvSource({
        "F16, 0, 0, 0, 1e-5",
        "Q8_0, 0, 0, 1e-6, 3e-4",
        "Q4_0, 0, 0, 0.002, 0.03",
        "F32, 0, 3, 0.004, 0.06",
        "F32, 6, 0, 0.001, 0.02"
    })
    void theDivergenceIsOfTheSizeThatThePageSays(
            CacheType cache, int linearBits, int attentionBits, double least, double most) throws IOException {
        Arithmetic arithmetic = Arithmetic.EXACT.lMulInLinearLayers(linearBits).lMulInAttention(attentionBits);
        try (Model base = Model.load(MODEL);
                Model model = Model.load(MODEL, LoadOptions.DEFAULT.arithmetic(arithmetic))) {
            int[] tokens = base.tokenizer().encode(Files.readString(TEXT));
            Divergence measured = Divergence.between(
                    base.languageModel(),
                    model.languageModel(),
                    tokens,
                    Windows.of(256).limit(4),
                    cache,
                    Progress.NONE);
            assertTrue(measured.mean() >= least && measured.mean() <= most, measured::toString);
        }
    }
}
