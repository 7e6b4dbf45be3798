package dev.lathe.compress.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.Calibration;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.TransformContext;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.search.SearchResult.Candidate;
import dev.lathe.gguf.GgufFile;
import dev.lathe.model.LayerwiseModel;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecipeSearchTest {
    private static final Path DRAFT = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final Path TEXT = Path.of("LICENSE");
    private static final TensorType[] TYPES = {TensorType.Q8_0, TensorType.Q5_0, TensorType.Q4_0};

    @Test
    void findsARecipeThatFitsAndBeatsTheUniformOneOfAsManyBytes() throws IOException {
        try (GgufFile file = GgufFile.open(DRAFT);
                Workers workers = Workers.of(2)) {
            List<int[]> texts =
                    Calibration.text(TEXT).sequences(14).tokensEach(64).draw(Tokenizer.from(file.metadata()));
            TransformContext context = TransformContext.of(texts, workers);
            ModelEdit uniform = new ModelEdit(file);
            Quantize.to(TensorType.Q4_0).apply(uniform, context);
            RecipeSearch search = RecipeSearch.within(Budget.bytes(uniform.byteCount()))
                    .types(TYPES)
                    .fractions(0.25);
            SearchResult result = search.search(new ModelEdit(file), context);
            assertTrue(result.best().bytes() <= uniform.byteCount());
            for (Candidate one : result.front()) {
                for (Candidate other : result.front()) {
                    assertFalse(ParetoFronts.dominates(objectives(one), objectives(other)));
                }
            }
            ModelEdit found = new ModelEdit(file);
            search.apply(found, context);
            assertEquals(result.best().bytes(), found.byteCount());
            assertTrue(found.metadata().string(Recipe.METADATA_KEY).contains("blk.0.ffn_*"));
            List<int[]> others = texts.subList(10, 14);
            LayerwiseModel original = LayerwiseModel.of(file, workers);
            Impairment impairment = new Impairment(original, Impairment.hidden(original, others));
            double uniformDamage = impairment.ofModel(LayerwiseModel.of(uniform, workers), others);
            assertTrue(result.bestDamage() < uniformDamage, result.bestDamage() + " beside " + uniformDamage);
            assertEquals(0, impairment.ofModel(LayerwiseModel.of(new ModelEdit(file), workers), others), 1e-12);
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
        return new double[] {candidate.bytes(), candidate.seconds(), candidate.damage()};
    }
}
