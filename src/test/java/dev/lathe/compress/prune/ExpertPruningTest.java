package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Stacked;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.ToyFiles;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole experts leave, or join others. */
@Slow
class ExpertPruningTest {
    private static final int EXPERTS = 6;
    private static final int LAYERS = 4;
    private static final List<TensorRole> STACKS =
            List.of(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP, TensorRole.EXPERT_DOWN);
    private static final List<int[]> TEXTS = IntStream.range(0, 3)
            .mapToObj(seed -> new Random(seed).ints(40, 0, 48).toArray())
            .toList();

    @ParameterizedTest
    @ValueSource(strings = {"qwen2moe", "qwen3moe", "olmoe", "granitemoe", "gpt-oss", "deepseek2", "llama4"})
    void expertsThatNoTokenChoosesLeaveWithoutATrace(String family, @TempDir Path folder) throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile(family));
        float[] never = new float[EXPERTS];
        never[1] = -1e9f;
        never[4] = -1e9f;
        for (int layer = 0; layer < LAYERS; layer++) {
            if (model.tensor(TensorRole.ROUTER.weight(layer)).isPresent()) {
                model.putVector(TensorRole.ROUTER.bias(layer), never.clone());
                model.putVector(TensorRole.CHOICE_BIAS.bias(layer), never.clone());
            }
        }
        float[] before = ToyFiles.logits(model, TEXTS.getFirst());
        Prune.experts(1.0 / 3).apply(model, ToyFiles.context(TEXTS));
        assertEquals(4, model.metadata().intValue(family + ".expert_count"));
        assertEquals(4, model.require(TensorRole.EXPERT_UP.weight(1)).dimension(2));
        assertEquals(4, model.require(TensorRole.ROUTER.weight(1)).dimension(1));
        float[] after = ToyFiles.logits(model, TEXTS.getFirst());
        assertTrue(ToyFiles.relativeError(before, after) < 1e-3); // a sum of fewer numbers is rounded otherwise
        assertArrayEquals(after, ToyFiles.logitsOfFile(model, folder.resolve("m.gguf"), TEXTS.getFirst()));
    }

    @Test
    void attentionThatGoesByTheNumberOfExpertsKeepsThem() throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile("llama4", 48, 128));
        assertEquals(
                "prune 50.0% of experts: attention of layer 0 would change, which goes by the number of experts;"
                        + " prune feed-forward channels instead",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Prune.experts(0.5).apply(model, ToyFiles.context(TEXTS)))
                        .getMessage());
        assertEquals(128, model.metadata().intValue("llama4.expert_count"));
    }

    @Test
    void thoseThatAddLeastLeaveAndAsManyStayAsATokenTakes() throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile("qwen3moe"));
        double[] factors = {1, 0.01, 1, 1, 0.01, 1};
        for (int layer = 0; layer < LAYERS; layer++) {
            String down = TensorRole.EXPERT_DOWN.weight(layer);
            model.putMatrix(down, Stacked.map(model.floats(down), EXPERTS, (expert, matrix) -> {
                for (int i = 0; i < matrix.data().length; i++) {
                    matrix.data()[i] *= (float) factors[expert];
                }
                return matrix;
            }));
        }
        FloatMatrix router = model.floats(TensorRole.ROUTER.weight(2));
        ModelEdit some = new ModelEdit(model);
        StepReport report = Prune.experts(0.3).apply(some, ToyFiles.context(TEXTS));
        FloatMatrix left = some.floats(TensorRole.ROUTER.weight(2));
        int[] kept = {0, 2, 3, 5};
        for (int i = 0; i < kept.length; i++) {
            assertArrayEquals(router.row(kept[i]), left.row(i));
        }
        assertTrue(report.notes().getFirst().startsWith("layer 0: 4 of 6 experts are left, which added 100.0%"));
        ModelEdit most = new ModelEdit(model);
        Prune.experts(0.99).apply(most, ToyFiles.context(TEXTS));
        assertEquals(2, most.require(TensorRole.EXPERT_UP.weight(0)).dimension(2));
    }

    @Test
    void anExpertThatIsAnotherInDisguiseIsMergedIntoItUnchanged() throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile("gpt-oss"));
        for (int layer = 0; layer < LAYERS; layer++) {
            disguise(model, layer);
        }
        ModelEdit merged = new ModelEdit(model);
        Prune.experts(1.0 / 6).merged().apply(merged, ToyFiles.context(TEXTS));
        for (TensorRole role : STACKS) {
            FloatMatrix before = model.floats(role.weight(1));
            FloatMatrix after = merged.floats(role.weight(1));
            for (int i = 0; i < after.data().length; i++) {
                assertEquals(before.data()[i], after.data()[i], 1e-6f, role + " " + i);
            }
            float[] biases = model.floats(role.bias(1)).data();
            assertArrayEquals(
                    Arrays.copyOf(biases, biases.length / EXPERTS * (EXPERTS - 1)),
                    merged.floats(role.bias(1)).data(),
                    1e-6f);
        }
    }

    /** Makes of the last expert the third with its channels in another order, both such that they add little. */
    private static void disguise(ModelEdit model, int layer) throws IOException {
        FloatMatrix router = model.floats(TensorRole.ROUTER.weight(layer));
        copy(router, 2, router, 5);
        model.putMatrix(TensorRole.ROUTER.weight(layer), router);
        model.putVector(TensorRole.ROUTER.bias(layer), new float[] {0, 0, 5, 0, 0, 0}); // the original adds more
        for (TensorRole role : STACKS) {
            FloatMatrix stack = model.floats(role.weight(layer));
            int rows = stack.rows() / EXPERTS;
            int inner = 32;
            float[] biases = new float[EXPERTS * rows];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < stack.columns(); column++) {
                    if (role == TensorRole.EXPERT_DOWN) {
                        stack.data()[stack.offset(2 * rows + row) + column] *= 0.01f;
                    }
                }
                for (int expert = 0; expert < EXPERTS; expert++) {
                    biases[expert * rows + row] = expert == 5 ? 0 : 0.001f * (row + 7 * expert);
                }
            }
            for (int row = 0; row < rows; row++) {
                boolean down = role == TensorRole.EXPERT_DOWN;
                int from = down ? row : (row + 5) % inner;
                biases[5 * rows + row] = biases[2 * rows + from];
                for (int column = 0; column < stack.columns(); column++) {
                    int source = down ? (column + 5) % inner : column;
                    stack.data()[stack.offset(5 * rows + row) + column] =
                            stack.data()[stack.offset(2 * rows + from) + source];
                }
            }
            model.putMatrix(role.weight(layer), stack);
            model.putMatrix(role.bias(layer), new FloatMatrix(biases, EXPERTS, rows));
        }
    }

    private static void copy(FloatMatrix from, int row, FloatMatrix to, int other) {
        System.arraycopy(from.data(), from.offset(row), to.data(), to.offset(other), from.columns());
    }

    @Test
    void aModelWithoutExpertsIsRefused() {
        ModelEdit model = new ModelEdit(new RandomFamilyFile("qwen3"));
        assertEquals(
                "prune 25.0% of experts: the model has no experts; prune feed-forward channels instead",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Prune.experts(0.25).apply(model, ToyFiles.context(TEXTS)))
                        .getMessage());
    }
}
