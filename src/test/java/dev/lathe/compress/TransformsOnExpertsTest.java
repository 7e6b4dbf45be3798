package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.prune.Sparsity;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transforms treat each expert by the rows of the tokens that chose it. */
@Slow
class TransformsOnExpertsTest {
    private static final int EXPERTS = 6;
    private static final int USED = 2;
    private static final int TOKENS = 40;
    private static final List<int[]> TEXTS = IntStream.range(0, 3)
            .mapToObj(seed -> new Random(seed).ints(TOKENS, 0, 48).toArray())
            .toList();

    @Test
    void eachExpertHasStatisticsOfItsOwnRows() throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile("qwen3moe"));
        ActivationStatistics read =
                LayerSweep.of(model, TEXTS, Workers.single()).advance(Set.of(ActivationSite.EXPERT));
        double[] squares = new double[64];
        long rows = 0;
        for (int expert = 0; expert < EXPERTS; expert++) {
            long own = read.rows(ActivationSite.EXPERT, expert);
            assertEquals(own, read.rows(ActivationSite.EXPERT_DOWN, expert));
            rows += own;
            if (own > 0) {
                assertArrayEquals(
                        read.gram(ActivationSite.EXPERT, expert).diagonal(),
                        read.squares(ActivationSite.EXPERT, expert),
                        1e-9);
                double[] part = read.squares(ActivationSite.EXPERT, expert);
                Arrays.setAll(squares, i -> squares[i] + part[i]);
            }
        }
        assertEquals((long) USED * TEXTS.size() * TOKENS, rows);
        double[] all = read.squares(ActivationSite.FEED_FORWARD); // each token went to so many experts
        Arrays.setAll(all, i -> all[i] * USED);
        assertArrayEquals(all, squares, 1e-6);
    }

    @Test
    void anExpertThatNoTokenChoseCountsItsWeightsAlone() throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile("qwen3moe"));
        neverChoose(model, 0);
        ActivationStatistics read =
                LayerSweep.of(model, TEXTS, Workers.single()).advance(Set.of(ActivationSite.EXPERT_DOWN));
        assertEquals(0, read.rows(ActivationSite.EXPERT_DOWN, 0));
        double[] ones = new double[32];
        Arrays.fill(ones, 1);
        assertArrayEquals(ones, read.squares(ActivationSite.EXPERT_DOWN, 0));
        assertArrayEquals(ones, read.gram(ActivationSite.EXPERT_DOWN, 0).diagonal());
        for (Transform transform : List.of(
                Prune.wanda(Sparsity.of(0.5)),
                Prune.sparseGpt(Sparsity.of(0.5)),
                Prune.feedForward(0.5),
                Quantize.to(TensorType.Q4_0).weighted(),
                Quantize.to(TensorType.Q4_0).gptq(),
                LowRank.whitened(0.3).rankStep(4))) {
            ModelEdit edit = new ModelEdit(model);
            transform.apply(edit, ToyFiles.context(TEXTS));
            for (float logit : ToyFiles.logits(edit, TEXTS.getFirst())) {
                assertTrue(Float.isFinite(logit), transform.name());
            }
        }
    }

    private static void neverChoose(ModelEdit model, int expert) throws IOException {
        model.putVector(
                TensorRole.CHOICE_BIAS.bias(0),
                IntStream.range(0, EXPERTS)
                        .collect(() -> new float[EXPERTS], (v, i) -> v[i] = i == expert ? -1e9f : 0, (a, b) -> {}));
    }

    @Test
    void wandaTakesAShareOfEveryRowOfEveryExpert() throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile("qwen2moe"));
        Prune.wanda(Sparsity.of(0.5)).apply(model, ToyFiles.context(TEXTS));
        for (TensorRole role : List.of(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP, TensorRole.EXPERT_DOWN)) {
            FloatMatrix matrix = model.floats(role.weight(1));
            for (int row = 0; row < matrix.rows(); row++) {
                int zeros = 0;
                for (float weight : matrix.row(row)) {
                    zeros += weight == 0 ? 1 : 0;
                }
                assertEquals(matrix.columns() / 2, zeros, role + " row " + row);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2moe", "qwen3moe", "olmoe", "granitemoe", "gpt-oss", "deepseek2"})
    void expertsLoseChannelsOfTheirOwn(String family) throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile(family));
        for (int layer = 1; layer < 4; layer++) {
            widen(model, layer);
        }
        model.setMetadata(model.metadata().toBuilder()
                .uint32(family + ".expert_feed_forward_length", 64)
                .remove(family + ".expert_shared_count")
                .build());
        removeShared(model);
        if (!family.equals("deepseek2")) {
            widen(model, 0);
        }
        float[] before = ToyFiles.logits(model, TEXTS.getFirst());
        Prune.feedForward(0.5).apply(model, ToyFiles.context(TEXTS));
        assertEquals(
                List.of(32L, 64L, (long) EXPERTS),
                model.require(TensorRole.EXPERT_DOWN.weight(1)).dimensions());
        double error = ToyFiles.relativeError(before, ToyFiles.logits(model, TEXTS.getFirst()));
        assertTrue(error < 1e-3 || family.equals("deepseek2"), "error " + error); // dense layers lose channels too
    }

    /** Twice as many channels, of which every other one, in odd experts the first, gives nothing. */
    private static void widen(ModelEdit model, int layer) throws IOException {
        for (TensorRole role : List.of(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP)) {
            String name = role.weight(layer);
            model.putMatrix(
                    name,
                    Stacked.map(model.floats(name), EXPERTS, (expert, matrix) -> {
                        FloatMatrix wide = FloatMatrix.zeros(2 * matrix.rows(), matrix.columns());
                        for (int row = 0; row < wide.rows(); row++) {
                            System.arraycopy(matrix.data(), matrix.offset(row / 2), wide.data(), wide.offset(row), 64);
                        }
                        return wide;
                    }),
                    TensorType.F32);
            String bias = role.bias(layer);
            if (model.tensor(bias).isPresent()) {
                FloatMatrix values = model.floats(bias);
                float[] wide = new float[2 * values.data().length];
                Arrays.setAll(new Object[wide.length], i -> wide[i] = values.data()[i / 2]);
                model.putVector(bias, wide);
            }
        }
        String down = TensorRole.EXPERT_DOWN.weight(layer);
        model.putMatrix(
                down,
                Stacked.map(model.floats(down), EXPERTS, (expert, matrix) -> {
                    FloatMatrix wide = FloatMatrix.zeros(matrix.rows(), 2 * matrix.columns());
                    for (int row = 0; row < wide.rows(); row++) {
                        for (int column = 0; column < matrix.columns(); column++) {
                            wide.data()[wide.offset(row) + 2 * column + expert % 2] = matrix.get(row, column);
                        }
                    }
                    return wide;
                }),
                TensorType.F32);
    }

    private static void removeShared(ModelEdit model) {
        for (int layer = 0; layer < 4; layer++) {
            for (TensorRole role : List.of(TensorRole.SHARED_GATE, TensorRole.SHARED_UP, TensorRole.SHARED_DOWN)) {
                if (model.tensor(role.weight(layer)).isPresent()) {
                    model.remove(role.weight(layer));
                }
            }
        }
    }

    @Test
    void factorsOfExpertsGiveWhatTheirProductGives() throws IOException {
        RandomFamilyFile file = new RandomFamilyFile("olmoe");
        ModelEdit factors = new ModelEdit(file);
        ModelEdit merged = new ModelEdit(file);
        LowRank rank = LowRank.whitened(0.3).rankStep(4).on(ActivationSite.EXPERT, ActivationSite.EXPERT_DOWN);
        rank.apply(factors, ToyFiles.context(TEXTS));
        rank.merged().apply(merged, ToyFiles.context(TEXTS));
        assertTrue(factors.tensor(TensorRole.EXPERT_UP.weight(0)).isEmpty());
        assertEquals(
                merged.metadata().find("general.architecture"), file.metadata().find("general.architecture"));
        double error = ToyFiles.relativeError(
                ToyFiles.logits(merged, TEXTS.getFirst()), ToyFiles.logits(factors, TEXTS.getFirst()));
        assertTrue(error < 1e-4, "error " + error);
    }

    @Test
    void blocksAndSlicesOfExpertsAreRefusedAndBlocksOfAttentionAreNot() throws IOException {
        ModelEdit model = new ModelEdit(new RandomFamilyFile("qwen3moe"));
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class, () -> Prune.blocks(0.3).apply(model, ToyFiles.context(TEXTS)));
        assertTrue(refusal.getMessage().contains("experts"), refusal.getMessage());
        ModelEdit attention = new ModelEdit(new RandomFamilyFile("qwen3moe"));
        Prune.blocks(0.3).on(LayerSet.attention()).apply(attention, ToyFiles.context(TEXTS));
        assertTrue(Float.isFinite(ToyFiles.logits(attention, TEXTS.getFirst())[0]));
    }
}
