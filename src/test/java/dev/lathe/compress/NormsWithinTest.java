package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Transforms of a family that norms what the last matrix of each half of a layer reads. */
class NormsWithinTest {
    private static final List<int[]> TEXTS = IntStream.range(0, 2)
            .mapToObj(seed -> new Random(seed).ints(40, 0, 48).toArray())
            .toList();

    private final RandomFamilyFile file = new RandomFamilyFile("bitnet");

    private float[] logits(Transform... transforms) throws IOException {
        ModelEdit model = new ModelEdit(file);
        for (Transform transform : transforms) {
            transform.apply(model, ToyFiles.context(TEXTS));
        }
        return ToyFiles.logits(model, TEXTS.getFirst());
    }

    @Test
    void scalesMoveIntoTheNorms() throws IOException {
        float[] before = logits();
        ModelEdit scaled = new ModelEdit(file);
        Quantize.to(TensorType.Q8_0).awq().apply(scaled, ToyFiles.context(TEXTS));
        double error = ToyFiles.relativeError(before, ToyFiles.logits(scaled, TEXTS.getFirst()));
        double plain = ToyFiles.relativeError(before, logits(Quantize.to(TensorType.Q8_0)));
        assertTrue(error < 2 * plain, error + " beside " + plain);
        for (TensorRole norm : List.of(TensorRole.ATTENTION_SUB_NORM, TensorRole.FEED_FORWARD_SUB_NORM)) {
            double moved = ToyFiles.relativeError(
                    new ModelEdit(file).floats(norm.weight(1)).data(),
                    scaled.floats(norm.weight(1)).data());
            assertTrue(moved > 0, norm.weight(1) + " stayed as it was");
        }
    }

    @Test
    void whatIsNormedTogetherIsNotRemoved() {
        for (Transform transform : List.of(Prune.heads(0.5), Prune.feedForward(0.4))) {
            IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> logits(transform));
            assertTrue(refusal.getMessage().contains("normed together"), refusal.getMessage());
        }
    }
}
