package dev.lathe.compress.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.SourceHash;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.SearchResult.Candidate;
import dev.lathe.gguf.GgufFile;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Slow
class RecipeSearchTest {
    private static final Path DRAFT = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final Path TEXT = Path.of("LICENSE");
    private static final TensorType[] TYPES = {TensorType.Q8_0, TensorType.Q5_0, TensorType.Q4_0};

    @TempDir
    private Path folder;

    /** Searched again on one thread, it is the same to the bit. */
    @Test
    void findsARecipeThatFitsAndBeatsTheUniformOneOfAsManyBytes() throws IOException {
        try (GgufFile file = GgufFile.open(DRAFT);
                Workers workers = Workers.of(2);
                Workers one = Workers.of(1)) {
            TransformContext context = TransformContext.of(texts(file, 5), workers);
            long bytes = Quantize.to(TensorType.Q4_0).plan(file).byteCount();
            RecipeSearch search = search(Budget.bytes(bytes));
            SearchResult result = search.search(new ModelEdit(file), context);
            assertTrue(result.best().bytes() <= bytes);
            requireFront(result.front());
            SearchResult again = search.search(new ModelEdit(file), TransformContext.of(context.calibration(), one));
            assertEquals(
                    result.best().recipe().toString(), again.best().recipe().toString());
            assertEquals(result.bestDivergence(), again.bestDivergence());
            assertEquals(result.best().divergence(), again.best().divergence());
            ModelEdit found = new ModelEdit(file);
            result.best().recipe().apply(found, context);
            assertEquals(result.best().bytes(), found.byteCount());
            assertEquals(result.best().recipe().toString(), found.metadata().string(Recipe.METADATA_KEY));

            CalibrationSplit split = CalibrationSplit.of(context.calibration());
            DivergenceMeter meter = new DivergenceMeter(file, split.heldOut(), 2048, workers);
            assertEquals(0, meter.ofModel(new ModelEdit(file), split.heldOut()), 1e-12);
            for (Quantize uniform : List.of(
                    Quantize.to(TensorType.Q4_0), Quantize.to(TensorType.Q4_0).gptq())) {
                ModelEdit rival = new ModelEdit(file);
                uniform.apply(rival, TransformContext.of(split.fitting(), workers));
                double divergence = meter.ofModel(rival, split.heldOut());
                assertTrue(result.bestDivergence() <= divergence, result.bestDivergence() + " beside " + divergence);
            }
        }
    }

    /** A budget that types alone cannot meet. */
    @Test
    void removesWhereTypesAreNotEnough() throws IOException {
        try (GgufFile file = GgufFile.open(DRAFT);
                Workers workers = Workers.of(2)) {
            TransformContext context = TransformContext.of(texts(file, 5), workers);
            long types = Quantize.to(TensorType.Q4_0)
                    .head(TensorType.Q4_0)
                    .plan(file)
                    .byteCount();
            SearchResult result = search(Budget.bytes(types * 9 / 10)).search(new ModelEdit(file), context);
            assertTrue(result.best().bytes() <= types * 9 / 10);
            assertTrue(
                    result.best().recipe().toString().startsWith("reduce "),
                    result.best().recipe().toString());
            requireFront(result.front());
        }
    }

    @Test
    void aSpeedThatNothingReachesIsRefused() throws IOException {
        try (GgufFile file = GgufFile.open(DRAFT);
                Workers workers = Workers.of(2)) {
            TransformContext context = TransformContext.of(texts(file, 2), workers);
            Exception refused = assertThrows(
                    IllegalArgumentException.class,
                    () -> search(Budget.speedup(1e6)).slices().search(new ModelEdit(file), context));
            assertTrue(refused.getMessage().contains("nothing fits"), refused.getMessage());
        }
    }

    /** What a search found stands behind the steps before it, and the hash is that of the file all of them began with. */
    @Test
    void stepsBeforeASearchAreRecordedBeforeWhatItFinds() throws IOException {
        Recipe recipe = Recipe.of(
                Prune.feedForward(0.25), search(Budget.bytes(620_000)).slices().fractions());
        Path target = folder.resolve("small.gguf");
        try (GgufFile file = GgufFile.open(DRAFT);
                Workers workers = Workers.of(2)) {
            recipe.calibratedOn(Calibration.text(TEXT).sequences(4).tokensEach(64))
                    .apply(file, workers, CompressionProgress.NONE, () -> false)
                    .save(target);
            try (GgufFile saved = GgufFile.open(target)) {
                String steps = saved.metadata().string(Recipe.METADATA_KEY);
                assertTrue(steps.matches("prune 25\\.0% of feed-forward channels, quantize to [^,]*, .*"), steps);
                assertEquals(SourceHash.of(file), saved.metadata().string(Recipe.SOURCE_KEY));
            }
        }
    }

    @Test
    void aCancelEndsTheSearch() throws IOException {
        try (GgufFile file = GgufFile.open(DRAFT);
                Workers workers = Workers.of(2)) {
            List<String> heard = new ArrayList<>();
            TransformContext context = new TransformContext(
                    texts(file, 3), workers, (step, part, parts) -> heard.add(step), () -> heard.size() == 2);
            assertThrows(
                    CancellationException.class,
                    () -> search(Budget.bytes(500_000)).search(new ModelEdit(file), context));
            assertEquals(2, heard.size());
        }
    }

    private static RecipeSearch search(Budget budget) {
        return RecipeSearch.within(budget).types(TYPES).fractions(0.25);
    }

    private static List<int[]> texts(GgufFile file, int count) throws IOException {
        return Calibration.text(TEXT).sequences(count).tokensEach(32).draw(Tokenizer.from(file.metadata()));
    }

    private static void requireFront(List<Candidate> front) {
        assertTrue(front.size() > 3);
        for (Candidate one : front) {
            for (Candidate other : front) {
                assertFalse(ParetoFronts.dominates(objectives(one), objectives(other)));
            }
        }
    }

    @Test
    void aBudgetThatNothingFitsIsRefused() throws IOException {
        try (GgufFile file = GgufFile.open(DRAFT);
                Workers workers = Workers.of(2)) {
            List<int[]> texts =
                    Calibration.text(TEXT).sequences(2).tokensEach(32).draw(Tokenizer.from(file.metadata()));
            RecipeSearch search = RecipeSearch.within(Budget.bytes(100_000))
                    .types(TensorType.Q4_0)
                    .fractions();
            Exception refused = assertThrows(
                    IllegalArgumentException.class,
                    () -> search.search(new ModelEdit(file), TransformContext.of(texts, workers)));
            assertTrue(refused.getMessage().contains("nothing fits"), refused.getMessage());
        }
    }

    private static double[] objectives(Candidate candidate) {
        return new double[] {candidate.bytes(), candidate.seconds(), candidate.divergence()};
    }
}
