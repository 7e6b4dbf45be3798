package dev.lathe.compress.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.CompressedModel;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Slow;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.TensorReport;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.GgufFile;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantizeTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-draft-f16.gguf");

    @TempDir
    private Path folder;

    @Test
    void aQuantizedModelIsSavedLoadedAndReported() throws IOException {
        Path file = folder.resolve("small.gguf");
        try (CompressedModel made = Model.compress(MODEL, Recipe.of(Quantize.to(TensorType.Q4_0)))) {
            made.save(file);
            StepReport step = made.report().steps().getFirst();
            assertEquals("quantize to Q4_0", step.step());
            assertEquals(22, step.tensors().size());
            assertEquals(892_416, made.report().bytes());
            assertEquals(
                    List.of("1 of 22 matrices are Q8_0 instead of Q6_K: rows of 128 are no whole blocks of 256"),
                    step.notes());
            for (TensorReport tensor : step.tensors()) {
                double error = tensor.relativeError();
                assertTrue(
                        tensor.type() == TensorType.Q8_0 ? error < 0.01 : error > 0.05 && error < 0.12,
                        tensor::toString);
            }
        }
        try (Model model = Model.load(file)) {
            assertEquals(2, model.metadata().intValue("general.file_type"));
            assertEquals(2, model.metadata().intValue("general.quantization_version"));
        }
    }

    @ParameterizedTest
    @CsvSource({"Q8_0, 7948672", "Q4_0, 4548992", "Q4_K_M, 4785536"})
    @Slow
    void aPlainMixTakesTheBytesOfLlamaQuantize(String mix, long bytes) throws IOException {
        Path file = folder.resolve("mix.gguf");
        try (CompressedModel made =
                Model.compress(Path.of("examples/models/lathe-java-f16.gguf"), Recipe.of(Quantize.mix(mix)))) {
            made.save(file);
        }
        assertEquals(bytes, Files.size(file));
        try (GgufFile made = GgufFile.open(file)) {
            assertEquals(Mix.of(mix).fileType(), made.metadata().intValue("general.file_type"));
            assertFalse(made.metadata().contains(Recipe.METADATA_KEY));
        }
    }

    @Test
    void whatNoFileTypeSaysIsRecorded() throws IOException {
        Recipe recipe = Recipe.of(Quantize.to(TensorType.Q4_0).embedding(TensorType.Q5_0));
        try (CompressedModel made = Model.compress(MODEL, recipe);
                Model model = made.load()) {
            assertEquals("quantize to Q4_0, embedding Q5_0", model.metadata().string(Recipe.METADATA_KEY));
        }
    }

    @Test
    void threadsChangeNoBit() throws IOException {
        byte[][] files = new byte[2][];
        for (int threads = 1; threads <= 2; threads++) {
            Path file = folder.resolve(threads + ".gguf");
            try (CompressedModel made = Model.compress(
                    MODEL,
                    Recipe.of(Quantize.to(TensorType.Q5_1)),
                    LoadOptions.DEFAULT.threads(threads),
                    CompressionProgress.NONE)) {
                made.save(file);
            }
            files[threads - 1] = Files.readAllBytes(file);
        }
        assertArrayEquals(files[0], files[1]);
    }

    @Test
    void everyTypeIsASourceToo() throws IOException {
        for (TensorType type : List.of(TensorType.F32, TensorType.BF16, TensorType.Q8_0, TensorType.MXFP4)) {
            try (GgufFile source = GgufFile.open(MODEL)) {
                ModelEdit model = new ModelEdit(source);
                TransformContext context = TransformContext.of(List.of(), Workers.single());
                Quantize.to(type).head(type).apply(model, context);
                float[] once = model.floats("blk.1.ffn_up.weight").data();
                StepReport again = Quantize.to(TensorType.F32).apply(model, context);
                assertArrayEquals(once, model.floats("blk.1.ffn_up.weight").data());
                assertTrue(again.tensors().stream().allMatch(tensor -> tensor.relativeError() == 0));
            }
        }
    }

    @Test
    void matricesThatHaveTheTypeAreLeftAlone() throws IOException {
        try (GgufFile source = GgufFile.open(MODEL)) {
            ModelEdit model = new ModelEdit(source);
            StepReport report =
                    Quantize.to(TensorType.F16).apply(model, TransformContext.of(List.of(), Workers.single()));
            assertTrue(report.tensors().stream()
                    .allMatch(tensor -> tensor.note().equals("had the type already") && tensor.relativeError() == 0));
        }
    }

    @Test
    void aDamagedWeightIsNamed() throws IOException {
        try (GgufFile source = GgufFile.open(MODEL)) {
            ModelEdit model = new ModelEdit(source);
            FloatMatrix weights = model.floats("blk.1.ffn_up.weight");
            weights.data()[3 * weights.columns() + 5] = Float.NaN;
            model.putMatrix("blk.1.ffn_up.weight", weights);
            TransformContext context = TransformContext.of(List.of(), Workers.single());
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> Quantize.to(TensorType.Q4_0).apply(model, context))
                    .getMessage();
            assertTrue(
                    message.startsWith("tensor blk.1.ffn_up.weight, row 3: encoding Q4_0: element 5 is NaN"), message);
        }
    }
}
