package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.prune.Sparsity;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.slice.Slice;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A transform works on a family's models, or says why not and leaves no model that cannot be run. */
class TransformsOnFamiliesTest {
    private static final Set<String> WITH_EXPERTS =
            Set.of("qwen2moe", "qwen3moe", "olmoe", "granitemoe", "gpt-oss", "deepseek2");

    private static final List<int[]> TEXTS = IntStream.range(0, 3)
            .mapToObj(seed -> new Random(seed).ints(40, 0, 48).toArray())
            .toList();

    static Stream<String> families() {
        return Families.names().stream();
    }

    @ParameterizedTest
    @MethodSource("families")
    void quantizationAndMasksWork(String family) throws IOException {
        RandomFamilyFile file = new RandomFamilyFile(family);
        float[] before = ToyFiles.logits(new ModelEdit(file), TEXTS.getFirst());
        for (Transform transform :
                List.of(Quantize.to(TensorType.Q8_0), Quantize.mix("Q4_K_M"), Prune.wanda(Sparsity.of(0.1)))) {
            ModelEdit model = new ModelEdit(file);
            transform.apply(model, ToyFiles.context(TEXTS));
            double error = ToyFiles.relativeError(before, ToyFiles.logits(model, TEXTS.getFirst()));
            // another choice of experts changes logits by more than rounding does; of random weights 4 bits leave a
            // third
            boolean changes = error > 0 || WITH_EXPERTS.contains(family); // masks pass experts by
            assertTrue(changes && error < (WITH_EXPERTS.contains(family) ? 1 : 0.35), transform.name() + ": " + error);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void whatChangesShapesWorksOrSaysWhyNot(String family) throws IOException {
        for (Transform transform : List.of(
                Prune.feedForward(0.4),
                Prune.heads(0.5),
                Prune.layers(1),
                Prune.layers(1).withoutCompensation(),
                Prune.blocks(0.3),
                LowRank.whitened(0.3),
                Slice.hiddenSize(0.25),
                Quantize.to(TensorType.Q8_0).gptq(),
                Quantize.to(TensorType.Q8_0).awq())) {
            ModelEdit model = new ModelEdit(new RandomFamilyFile(family));
            try {
                transform.apply(model, ToyFiles.context(TEXTS));
            } catch (IllegalArgumentException refusal) {
                assertFalse(refusal.getMessage().isBlank(), transform.name());
                continue;
            }
            for (float logit : ToyFiles.logits(model, TEXTS.getFirst())) {
                assertTrue(Float.isFinite(logit), transform.name());
            }
        }
    }
}
