package dev.lathe.compress.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.ToyFiles;
import dev.lathe.compress.TransformContext;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.config.LatheFormat;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Experts that are chosen rarely may have a type of their own. */
@Slow
class RareExpertsTest {
    private static final int EXPERTS = 6;
    private static final List<int[]> TEXTS = IntStream.range(0, 3)
            .mapToObj(seed -> new Random(seed).ints(40, 0, 48).toArray())
            .toList();

    @Test
    void eachExpertHasTheWeightsOfItsTypeAndStaysWhereItWas(@TempDir Path folder) throws IOException {
        RandomFamilyFile file = new RandomFamilyFile("gpt-oss");
        ModelEdit parted = new ModelEdit(file);
        TransformContext context = ToyFiles.context(TEXTS);
        Quantize.to(TensorType.F16).rareExperts(0.34, TensorType.BF16).apply(parted, context);
        assertTrue(LatheFormat.isShaped(parted.metadata()));
        ModelEdit whole = new ModelEdit(file);
        Quantize.to(TensorType.F16).weighted().apply(whole, context);
        ModelEdit rough = new ModelEdit(file);
        Quantize.to(TensorType.BF16).weighted().apply(rough, context);
        for (int layer = 0; layer < 4; layer++) {
            float[] counts = Importances.collect(file, context, "")
                    .find(TensorRole.EXPERT_UP.weight(layer))
                    .orElseThrow()
                    .counts();
            for (TensorRole role : List.of(TensorRole.EXPERT_GATE, TensorRole.EXPERT_UP, TensorRole.EXPERT_DOWN)) {
                String name = role.weight(layer);
                byte[] rare = mask(parted, name);
                FloatMatrix mixed = whole.floats(name);
                int size = mixed.data().length / EXPERTS;
                for (int expert = 0; expert < EXPERTS; expert++) {
                    for (int other = 0; other < EXPERTS; other++) {
                        assertTrue(rare[expert] <= rare[other] || counts[expert] <= counts[other]);
                    }
                    if (rare[expert] == 1) {
                        System.arraycopy(rough.floats(name).data(), expert * size, mixed.data(), expert * size, size);
                    }
                }
                assertEquals(2, IntStream.range(0, EXPERTS).map(i -> rare[i]).sum());
                whole.putMatrix(name, mixed, TensorType.F32);
                assertEquals(
                        TensorType.BF16,
                        parted.require(LatheFormat.rareExperts(name)).type());
            }
        }
        float[] logits = ToyFiles.logitsOfFile(parted, folder.resolve("m.gguf"), TEXTS.getFirst());
        double error = ToyFiles.relativeError(ToyFiles.logits(whole, TEXTS.getFirst()), logits);
        assertTrue(error < 1e-5, "error " + error);
    }

    private static byte[] mask(ModelEdit model, String name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            return model.map(model.require(LatheFormat.rareExpertMask(name)), 0, EXPERTS, arena)
                    .toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void whatCannotGoTogetherIsRefused() {
        Quantize rare = Quantize.to(TensorType.Q8_0).rareExperts(0.5, TensorType.Q4_0);
        assertEquals("quantize to Q8_0, rarest 50% of experts Q4_0, weighted", rare.name());
        assertThrows(IllegalArgumentException.class, rare::gptq);
        assertThrows(IllegalArgumentException.class, () -> Quantize.within(1000).rareExperts(0.5, TensorType.Q4_0));
        assertThrows(IllegalStateException.class, () -> rare.plan(new RandomFamilyFile("olmoe")));
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> rare.apply(new ModelEdit(new RandomFamilyFile("qwen3")), ToyFiles.context(TEXTS)))
                .getMessage()
                .contains("no experts"));
    }
}
