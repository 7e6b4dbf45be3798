package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.LayerSet;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import dev.lathe.compress.SourceHash;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.ToyFiles;
import dev.lathe.compress.Transform;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorName;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The transforms on the small model that writes Java. */
@Slow
class PruneTest {
    private static final Path DRAFT = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final Path TEXT = Path.of("LICENSE");
    private static final int VOCABULARY = 4096;

    @TempDir
    private Path folder;

    private GgufFile file;
    private ModelEdit model;

    @BeforeEach
    void open() throws IOException {
        file = GgufFile.open(DRAFT);
        model = new ModelEdit(file);
    }

    @AfterEach
    void close() {
        file.close();
    }

    @Test
    void nothingRemovedIsNothingChanged() throws IOException {
        float[] before = logits();
        for (Transform transform : List.of(
                Prune.layers(0),
                Prune.heads(0),
                Prune.feedForward(0),
                Prune.magnitude(Sparsity.of(0.0)),
                Prune.wanda(Sparsity.of(0, 4)),
                Prune.sparseGpt(Sparsity.of(0.0)))) {
            StepReport report = apply(transform);
            assertEquals(report.bytesBefore(), report.bytesAfter(), transform.name());
            assertArrayEquals(before, logits(), transform.name());
        }
    }

    @Test
    void masksReachTheMatricesAskedForAndKeepTheirType() throws IOException {
        StepReport report = apply(
                Prune.sparseGpt(Sparsity.of(2, 4)).on(LayerSet.feedForward().layers(1, 3)));
        assertEquals(6, report.tensors().size());
        assertEquals(report.bytesBefore(), report.bytesAfter());
        for (int layer = 0; layer < 3; layer++) {
            for (String tensor : List.of("attn_q.weight", "ffn_gate.weight", "ffn_down.weight")) {
                String name = TensorName.prefix(layer) + tensor;
                boolean pruned = layer > 0 && tensor.startsWith("ffn");
                assertEquals(TensorType.F16, model.require(name).type());
                int zeros = 0;
                FloatMatrix weights = model.floats(name);
                for (float weight : weights.data()) {
                    zeros += weight == 0 ? 1 : 0;
                }
                assertEquals(pruned ? weights.data().length / 2 : 0, zeros, 0.001 * weights.data().length, name);
            }
        }
        assertTrue(
                report.notes().getFirst().contains("no time is saved"),
                report.notes().toString());
    }

    /** Of each so many neighbouring channels one gives nothing. */
    private void silenceChannels(int step) throws IOException {
        for (int layer = 0; layer < 3; layer++) {
            String up = TensorRole.UP.weight(layer);
            FloatMatrix weights = model.floats(up);
            for (int row = 1; row < weights.rows(); row += step) {
                Arrays.fill(weights.data(), weights.offset(row), weights.offset(row + 1), 0);
            }
            model.putMatrix(up, weights);
        }
    }

    @Test
    void channelsThatAreSilentGoWithoutATrace() throws IOException {
        silenceChannels(4);
        float[] before = logits();
        StepReport report = apply(Prune.feedForward(0.25).withoutCompensation());
        assertEquals(288, model.metadata().intValue("llama.feed_forward_length"));
        assertEquals(3 * 3 * 96 * 128, report.parametersBefore() - report.parametersAfter());
        assertArrayEquals(before, logits());
    }

    @Test
    void headsThatAreSilentGoWithoutATrace() throws IOException {
        // one group of two heads: make it two groups by giving both heads keys and values of their own
        for (int layer = 0; layer < 3; layer++) {
            for (String tensor : List.of("attn_k.weight", "attn_v.weight")) {
                FloatMatrix weights = model.floats(TensorName.prefix(layer) + tensor);
                FloatMatrix twice = FloatMatrix.zeros(2 * weights.rows(), weights.columns());
                System.arraycopy(weights.data(), 0, twice.data(), 0, weights.data().length);
                System.arraycopy(weights.data(), 0, twice.data(), weights.data().length, weights.data().length);
                model.putMatrix(TensorName.prefix(layer) + tensor, twice);
            }
            FloatMatrix output = model.floats(TensorRole.ATTENTION_OUTPUT.weight(layer));
            int silent = layer % 2;
            for (int row = 0; row < output.rows(); row++) {
                Arrays.fill(output.data(), row * 128 + 64 * silent, row * 128 + 64 * silent + 64, 0);
            }
            model.putMatrix(TensorRole.ATTENTION_OUTPUT.weight(layer), output);
        }
        Shapes.set(model, "attention.head_count_kv", 2);
        float[] before = logits();
        apply(Prune.headsByLayer(0.5, 0.5, 0).withoutCompensation());
        ModelConfig config = Families.describe(model.metadata(), VOCABULARY);
        assertEquals(1, config.layers().get(0).headCount());
        assertEquals(1, config.layers().get(1).keyValueHeadCount());
        assertEquals(2, config.layers().get(2).headCount());
        assertArrayEquals(before, logits());
        assertThrows(IllegalArgumentException.class, () -> apply(Prune.headsByLayer(0.5, 0.5)));
    }

    @Test
    void headsKeepTheGainsOfTheirNorms() throws IOException {
        ModelEdit before = new ModelEdit(new RandomFamilyFile("stablelm"));
        ModelEdit after = new ModelEdit(new RandomFamilyFile("stablelm"));
        List<int[]> texts = List.of(new Random(1).ints(40, 0, 48).toArray());
        Prune.heads(0.5).apply(after, ToyFiles.context(texts));
        int first = 0;
        for (int layer = 0; layer < 4; layer++) {
            FloatMatrix keys = before.floats(TensorRole.KEY_NORM.weight(layer));
            FloatMatrix queries = before.floats(TensorRole.QUERY_NORM.weight(layer));
            float[] kept = after.floats(TensorRole.KEY_NORM.weight(layer)).data();
            int group = Arrays.equals(kept, keys.row(0)) ? 0 : 1;
            first += 1 - group;
            assertArrayEquals(keys.row(group), kept);
            FloatMatrix left = after.floats(TensorRole.QUERY_NORM.weight(layer));
            assertEquals(2, left.rows());
            assertArrayEquals(queries.row(2 * group), left.row(0));
            assertArrayEquals(queries.row(2 * group + 1), left.row(1));
        }
        assertTrue(first > 0 && first < 4, "layers keep different groups, the first in " + first);
    }

    @Test
    void aLayerThatDoesNothingGoesFirstAndWithoutATrace() throws IOException {
        for (String tensor : List.of("attn_output.weight", "ffn_down.weight")) {
            FloatMatrix weights = model.floats(TensorName.prefix(1) + tensor);
            Arrays.fill(weights.data(), 0);
            model.putMatrix(TensorName.prefix(1) + tensor, weights);
        }
        float[] before = logits();
        float[] last = model.floats("blk.2.ffn_up.weight").data();
        StepReport report = apply(Prune.layers(1));
        assertTrue(
                report.notes().getFirst().startsWith("removed layer 1"),
                report.notes().toString());
        assertEquals(2, model.metadata().intValue("llama.block_count"));
        assertArrayEquals(last, model.floats("blk.1.ffn_up.weight").data());
        assertTrue(model.tensors().stream().map(TensorInfo::name).noneMatch(name -> name.startsWith("blk.2.")));
        assertArrayEquals(before, logits());
        assertThrows(IllegalArgumentException.class, () -> apply(Prune.layers(1)));
    }

    @Test
    void absentBlocksAreZerosThatCostNothing() throws IOException {
        BlockPruning half = Prune.blocks(0.5);
        apply(half.asZeros());
        float[] expected = logits();
        assertEquals("llama", model.metadata().string("general.architecture"));
        model = new ModelEdit(file);
        StepReport report = apply(half);
        assertSameNumbers(expected, logits());
        long matrices = 3 * (2 * 128 * 128 + 2 * 64 * 128 + 3 * 384 * 128);
        assertEquals(matrices / 2, report.parametersBefore() - report.parametersAfter(), 64 * 32);
        assertEquals("lathe", model.metadata().string("general.architecture"));
        Path saved = folder.resolve("blocks.gguf");
        dev.lathe.gguf.GgufWriter.to(saved).copyOf(model).write();
        try (GgufFile again = GgufFile.open(saved)) {
            model = new ModelEdit(again);
            assertSameNumbers(expected, logits());
            apply(dev.lathe.compress.quantize.Quantize.to(TensorType.Q8_0));
            assertEquals(
                    TensorType.Q8_0, model.require("blk.0.ffn_up.blocks.weight").type());
            logits();
        }
    }

    /** On text that was not calibrated on, in the distance of the logits. */
    @Test
    void compensationBeatsNone() throws IOException {
        float[] dense = logits();
        apply(Prune.blocks(0.1).withoutCompensation());
        double without = distance(dense, logits());
        model = new ModelEdit(file);
        apply(Prune.blocks(0.1));
        double with = distance(dense, logits());
        assertTrue(with < 0.7 * without, with + " with, " + without + " without");
    }

    /** Channels in another order are the same channels; blocks of those that are silent go without a trace, wherever they are. */
    @Test
    void blocksOfChannelsThatAreSilentGoFirst() throws IOException {
        silenceChannels(2);
        float[] before = logits();
        apply(Prune.blocks(0.45).on(LayerSet.feedForward()));
        double without = distance(before, new float[before.length]);
        assertTrue(distance(before, logits()) < 1e-4 * without, distance(before, logits()) + " of " + without);
    }

    @Test
    void groupsAreStoredWithoutTheirZeros() throws IOException {
        MaskPruning twoOfFour = Prune.wanda(Sparsity.of(2, 4));
        apply(twoOfFour);
        float[] expected = logits();
        model = new ModelEdit(file);
        StepReport report = apply(twoOfFour.compact());
        assertSameNumbers(expected, logits());
        long matrices = 3 * (2 * 128 * 128 + 2 * 64 * 128 + 3 * 384 * 128);
        assertEquals(matrices * (2 - 9 / 8.0), report.bytesBefore() - report.bytesAfter());
        assertThrows(
                IllegalArgumentException.class,
                () -> Prune.wanda(Sparsity.of(4, 8)).compact());
    }

    /** Before anything is written that nobody could load. */
    @Test
    void rowsThatHaveNoCompactFormAreRefused() {
        try (Workers workers = Workers.of(1)) {
            TransformContext context = TransformContext.of(List.of(), workers);
            ModelEdit toy = ToyFiles.model("llama", false, 1); // rows of 24
            Exception refused = assertThrows(
                    IllegalArgumentException.class,
                    () -> Prune.magnitude(Sparsity.of(2, 4)).compact().apply(toy, context));
            assertTrue(refused.getMessage().contains("multiple of 16"), refused.getMessage());
        }
    }

    /** But for the sign of zero. */
    private static void assertSameNumbers(float[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i] + 0f, actual[i] + 0f);
        }
    }

    @Test
    void theRecipeNamesItsSource() throws IOException {
        Recipe recipe = Recipe.of(Prune.magnitude(Sparsity.of(0.3)));
        String hash = SourceHash.of(file);
        try (Workers workers = Workers.of(2)) {
            Recipe.Compressed once = recipe.apply(file, workers, (step, part, parts) -> {}, () -> false);
            Recipe.Compressed twice = recipe.apply(once.model(), workers, (step, part, parts) -> {}, () -> false);
            for (Recipe.Compressed made : List.of(once, twice)) {
                Path target = folder.resolve("made.gguf");
                made.save(target);
                try (GgufFile saved = GgufFile.open(target)) {
                    assertEquals(hash, saved.metadata().string(Recipe.SOURCE_KEY));
                }
            }
            assertTrue(!hash.equals(SourceHash.of(once.model())));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> Recipe.of(Prune.magnitude(Sparsity.of(0.3)), Prune.feedForward(0.1)));
    }

    private StepReport apply(Transform transform) throws IOException {
        try (Workers workers = Workers.of(2)) {
            List<int[]> texts = Calibration.text(TEXT)
                    .sequences(40)
                    .tokensEach(64)
                    .draw(dev.lathe.text.Tokenizer.from(file.metadata()));
            return transform.apply(model, TransformContext.of(texts, workers));
        }
    }

    private static double distance(float[] expected, float[] actual) {
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            double change = (double) expected[i] - actual[i];
            sum += change * change;
        }
        return sum;
    }

    /** Logits of a few tokens. */
    private float[] logits() throws IOException {
        try (Workers workers = Workers.of(2);
                DecoderModel decoder = DecoderModel.load(model, workers);
                InferenceState state = decoder.newState(16, CacheType.F32)) {
            int[] tokens = {0, 17, 99, 4000, 5, 6, 7, 8};
            FloatMatrix logits = state.forward(TokenBatch.allLogits(tokens));
            return Arrays.copyOf(logits.data(), tokens.length * VOCABULARY);
        }
    }
}
