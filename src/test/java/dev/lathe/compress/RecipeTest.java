package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.CompressedModel;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.compress.search.Budget;
import dev.lathe.compress.search.RecipeSearch;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final Path TEXT = Path.of("LICENSE");

    @TempDir
    private Path folder;

    /** Multiplies the final norm. */
    private record Scale(float factor, Transform.Stage stage) implements Transform {
        @Override
        public String name() {
            return "scale " + factor;
        }

        @Override
        public void edit(ModelEdit model, TransformContext context, StepRecorder recorder) throws IOException {
            FloatMatrix norm = model.floats("output_norm.weight");
            for (int i = 0; i < norm.columns(); i++) {
                norm.data()[i] *= factor;
            }
            model.putVector("output_norm.weight", norm.data());
            context.done(name(), 1, 1);
            recorder.note("done");
        }
    }

    @Test
    void stepsFollowEachOtherAndAreSaved() throws IOException {
        Recipe recipe = Recipe.of(new Scale(2, Transform.Stage.STRUCTURE), new Scale(0.25f, Transform.Stage.ENCODING));
        Path file = folder.resolve("small.gguf");
        try (CompressedModel made = Model.compress(MODEL, recipe)) {
            assertEquals(2, made.report().steps().size());
            assertTrue(
                    made.report().toText().contains("scale 2.0"), made.report().toText());
            made.save(file);
            try (Model model = made.load()) {
                assertEquals("scale 2.0, scale 0.25", model.metadata().string(Recipe.METADATA_KEY));
            }
        }
        try (GgufFile before = GgufFile.open(MODEL);
                GgufFile after = GgufFile.open(file)) {
            float[] expected =
                    new ModelEdit(before).floats("output_norm.weight").data();
            for (int i = 0; i < expected.length; i++) {
                expected[i] *= 0.5f;
            }
            assertArrayEquals(
                    expected, new ModelEdit(after).floats("output_norm.weight").data());
            assertEquals(before.tensors().size(), after.tensors().size());
            assertEquals("scale 2.0, scale 0.25", after.metadata().string(Recipe.METADATA_KEY));
        }
    }

    @Test
    void aWrongOrderIsRefused() {
        Exception wrong = assertThrows(
                IllegalArgumentException.class,
                () -> Recipe.of(new Scale(2, Transform.Stage.ENCODING), new Scale(3, Transform.Stage.STRUCTURE)));
        assertTrue(wrong.getMessage().startsWith("scale 3.0 cannot come after scale 2.0"), wrong.getMessage());
        assertThrows(IllegalArgumentException.class, Recipe::of);
    }

    /** A recipe says what shall be done; neither its text is read nor its steps are run before it is applied. */
    @Test
    void nothingHappensBeforeItIsApplied() throws IOException {
        Recipe recipe = Recipe.of(new Scale(2, Transform.Stage.STRUCTURE))
                .calibratedOn(Calibration.text(folder.resolve("missing.txt")));
        Recipe within = Recipe.of(RecipeSearch.within(Budget.bytes(1)))
                .calibratedOn(Calibration.text(folder.resolve("missing.txt")));
        assertEquals("scale 2.0", recipe.toString());
        assertEquals("search within 1 bytes", within.toString());
        assertThrows(NoSuchFileException.class, () -> Model.compress(MODEL, recipe));
        assertThrows(NoSuchFileException.class, () -> Model.compress(MODEL, within));
    }

    @Test
    void aSearchNeedsTexts() {
        Exception refused = assertThrows(
                IllegalArgumentException.class,
                () -> Model.compress(MODEL, Recipe.of(RecipeSearch.within(Budget.speedup(2)))));
        assertTrue(refused.getMessage().contains("calibratedOn"), refused.getMessage());
    }

    /** What was made of what: the hash of the first source, whatever is made of the result. */
    @Test
    void theSourceIsNamedByItsHash() throws IOException {
        Recipe recipe = Recipe.of(new Scale(2, Transform.Stage.STRUCTURE));
        Path file = folder.resolve("once.gguf");
        try (CompressedModel made = Model.compress(MODEL, recipe)) {
            made.save(file);
        }
        try (GgufFile source = GgufFile.open(MODEL);
                GgufFile once = GgufFile.open(file);
                CompressedModel twice = Model.compress(file, recipe);
                Model model = twice.load()) {
            assertEquals(SourceHash.of(source), once.metadata().string(Recipe.SOURCE_KEY));
            assertEquals(SourceHash.of(source), model.metadata().string(Recipe.SOURCE_KEY));
            assertEquals("scale 2.0, scale 2.0", model.metadata().string(Recipe.METADATA_KEY));
            assertNotEquals(SourceHash.of(source), SourceHash.of(once));
        }
    }

    /** A draft that is made and never saved pays for no hash. */
    @Test
    void theSourceIsHashedOnlyWhenTheModelIsSaved() throws IOException {
        Recipe recipe = Recipe.of(new Scale(2, Transform.Stage.STRUCTURE));
        Path target = folder.resolve("counted.gguf");
        try (GgufFile file = GgufFile.open(MODEL);
                Workers workers = Workers.of(1)) {
            CountingSource source = new CountingSource(file);
            Recipe.Compressed made = recipe.apply(source, workers, CompressionProgress.NONE, () -> false);
            assertEquals(Set.of("output_norm.weight"), Set.copyOf(source.mapped()));
            made.save(target);
            assertEquals(file.tensors().size(), Set.copyOf(source.mapped()).size());
        }
        try (GgufFile source = GgufFile.open(MODEL);
                GgufFile saved = GgufFile.open(target)) {
            assertEquals(SourceHash.of(source), saved.metadata().string(Recipe.SOURCE_KEY));
        }
    }

    /** Each step as a recipe of its own on what the one before made, before anything is saved. */
    @Test
    void stepsOneByOneAreRecordedLikeTheWholeRecipe() throws IOException {
        Transform first = new Scale(2, Transform.Stage.STRUCTURE);
        Transform second = new Scale(0.25f, Transform.Stage.ENCODING);
        Path whole = folder.resolve("whole.gguf");
        Path oneByOne = folder.resolve("one-by-one.gguf");
        try (GgufFile source = GgufFile.open(MODEL);
                Workers workers = Workers.of(1)) {
            apply(source, Recipe.of(first, second), workers).save(whole);
            ModelEdit once = apply(source, Recipe.of(first), workers).model();
            apply(once, Recipe.of(second), workers).save(oneByOne);
        }
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(oneByOne));
    }

    private static Recipe.Compressed apply(TensorSource source, Recipe recipe, Workers workers) throws IOException {
        return recipe.apply(source, workers, CompressionProgress.NONE, () -> false);
    }

    @Test
    void anInterruptEndsTheWork() {
        Recipe recipe = Recipe.of(new Scale(2, Transform.Stage.STRUCTURE));
        assertThrows(
                CancellationException.class,
                () -> Model.compress(
                        MODEL,
                        recipe,
                        LoadOptions.DEFAULT,
                        (step, part, parts) -> Thread.currentThread().interrupt()));
        assertTrue(Thread.interrupted());
        assertFalse(Files.exists(folder.resolve("small.gguf")));
    }

    @Test
    void calibrationDrawsTheSamePiecesForTheSameSeed() throws IOException {
        Calibration calibration =
                Calibration.text(TEXT).sequences(3).tokensEach(20).seed(7);
        try (Model model = Model.load(MODEL)) {
            List<int[]> pieces = calibration.draw(model.tokenizer());
            assertEquals(3, pieces.size());
            for (int i = 0; i < 3; i++) {
                assertEquals(20, pieces.get(i).length);
                assertArrayEquals(
                        pieces.get(i), calibration.draw(model.tokenizer()).get(i));
            }
            assertFalse(java.util.Arrays.equals(
                    pieces.getFirst(),
                    calibration.seed(8).draw(model.tokenizer()).getFirst()));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> calibration.tokensEach(100_000_000).draw(model.tokenizer()));
        }
    }
}
