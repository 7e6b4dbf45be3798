package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.Slow;
import dev.lathe.model.Arithmetic;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.ModelWeights;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.LMulLinear;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.LowRankLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

@OnEveryKernelSet
@Slow
class ArithmeticTest {
    private static float[] logits(DecoderModel model, int... tokens) {
        try (InferenceState state = model.newState(128, CacheType.F32)) {
            return state.forward(TokenBatch.allLogits(tokens)).data();
        }
    }

    @Property(tries = 15)
    void approximateModelsHaveTheSameBitsOnAllKernelsAndBatches(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 8) int linearBits,
            @ForAll @IntRange(min = 0, max = 8) int attentionBits) {
        Arithmetic arithmetic = Arithmetic.EXACT.lMulInLinearLayers(linearBits).lMulInAttention(attentionBits);
        DecoderModel scalar =
                RandomModels.of(seed, Workers.single(), KernelChoice.scalar()).with(arithmetic);
        int[] tokens = RandomModels.tokens(scalar, 40, new Random(seed));
        float[] expected = logits(scalar, tokens);
        DecoderModel best =
                RandomModels.of(seed, Workers.single(), KernelChoice.best()).with(arithmetic);
        assertArrayEquals(expected, logits(best, tokens));
        try (InferenceState state = best.newState(128, CacheType.F32)) {
            int from = 0;
            for (int token : tokens) {
                float[] row = state.forward(TokenBatch.allLogits(token)).row(0);
                assertArrayEquals(Arrays.copyOfRange(expected, from, from + row.length), row);
                from += row.length;
            }
        }
    }

    @Test
    void everyPartCanBeApproximatedAlone() {
        DecoderModel model = RandomModels.of(4, Workers.single(), KernelChoice.best());
        int[] tokens = {1, 2, 3, 4, 5};
        float[] exact = logits(model, tokens);
        float[] linear = logits(model.with(Arithmetic.EXACT.lMulInLinearLayers(3)), tokens);
        float[] attention = logits(model.with(Arithmetic.EXACT.lMulInAttention(3)), tokens);
        assertFalse(Arrays.equals(exact, linear));
        assertFalse(Arrays.equals(exact, attention));
        assertFalse(Arrays.equals(linear, attention));
        DecoderModel same = model.with(Arithmetic.EXACT);
        assertSame(
                model.weights().global().matrix(TensorRole.HEAD),
                same.weights().global().matrix(TensorRole.HEAD));
        assertArrayEquals(exact, logits(same, tokens));
    }

    @Test
    void everyLinearLayerIsApproximatedAndTheEmbeddingIsNot() {
        DecoderModel model = RandomModels.of(4, Workers.single(), KernelChoice.best());
        ModelWeights weights =
                model.with(Arithmetic.EXACT.lMulInLinearLayers(3)).weights();
        WeightGroup global = weights.global();
        assertSame(model.weights().global().matrix(TensorRole.EMBEDDING), global.matrix(TensorRole.EMBEDDING));
        List<Linear> layers = new ArrayList<>(List.of(global.matrix(TensorRole.HEAD)));
        weights.layers().forEach(group -> group.forEach((role, matrix) -> layers.add(matrix)));
        assertTrue(layers.size() > 6 * weights.layers().size());
        for (Linear layer : layers) {
            if (layer instanceof LowRankLinear factors) {
                assertInstanceOf(LMulLinear.class, factors.in());
                assertInstanceOf(LMulLinear.class, factors.out());
            } else {
                assertInstanceOf(LMulLinear.class, layer);
            }
        }
    }

    @Test
    void refusesWhatCannotBeCombined() {
        assertThrows(IllegalArgumentException.class, () -> Arithmetic.EXACT.lMulInAttention(17));
        assertThrows(IllegalArgumentException.class, () -> Arithmetic.EXACT.lMulInLinearLayers(-1));
        assertThrows(
                IllegalArgumentException.class,
                () -> Arithmetic.EXACT.lMulInLinearLayers(3).addingTernaryLayers());
    }
}
