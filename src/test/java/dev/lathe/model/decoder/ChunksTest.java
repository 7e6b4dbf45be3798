package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Attention within chunks. */
@OnEveryKernelSet
class ChunksTest {
    private static final int CHUNK = 24;
    private static final int TOKENS = 100; // of more than one tile

    /** A layer that does not rotate cannot tell a chunk from a text of its own. */
    @Test
    void aChunkIsATextOfItsOwn() {
        int[] tokens = new Random(3).ints(TOKENS, 0, 40).toArray();
        float[][] chunked = logits(layer().chunk(CHUNK), tokens);
        for (int from = 0; from < TOKENS; from += CHUNK) {
            int to = Math.min(TOKENS, from + CHUNK);
            float[][] own = logits(layer(), Arrays.copyOfRange(tokens, from, to));
            for (int position = from; position < to; position++) {
                assertArrayEquals(own[position - from], chunked[position], "position " + position);
            }
        }
    }

    private static LayerConfig.Builder layer() {
        return LayerConfig.builder(4, 2, 16, 16).feedForwardSize(32);
    }

    private static float[][] logits(LayerConfig.Builder layer, int[] tokens) {
        try (DecoderModel model = RandomModels.ofLayer(layer.build(), 1, Workers.single(), KernelChoice.best());
                InferenceState state = model.newState(TOKENS, CacheType.F32)) {
            FloatMatrix logits = state.forward(TokenBatch.allLogits(tokens));
            return IntStream.range(0, tokens.length).mapToObj(logits::row).toArray(float[][]::new);
        }
    }
}
