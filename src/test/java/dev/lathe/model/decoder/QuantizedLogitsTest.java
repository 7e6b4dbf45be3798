package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.gguf.GgufFile;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Logits of a real quantized model against another engine's; on one kernel set, as all have the same bits. */
@Slow
class QuantizedLogitsTest {
    @Test
    void aQuantizedModelAgreesAsFarAsRoundedActivationsLetIt() throws IOException {
        String json = Files.readString(ReferenceData.require("reference/smollm2-135m.json"));
        List<int[]> prompts = ReferenceLogitsTest.intLists(json, "tokens");
        List<int[]> greedy = ReferenceLogitsTest.intLists(json, "greedy");
        List<float[]> gaps = ReferenceLogitsTest.floatLists(json, "gaps");
        List<Double> differences = new ArrayList<>();
        try (GgufFile file = GgufFile.open(ReferenceData.require("smollm2-135m-instruct-q4_1.gguf"));
                Workers workers = Workers.of(2);
                DecoderModel model = DecoderModel.load(file, workers, KernelChoice.best())) {
            for (int prompt = 0; prompt < prompts.size(); prompt++) {
                float[] expected = ReferenceLogitsTest.floats(
                        ReferenceData.require("reference/smollm2-135m-" + prompt + ".logits.f32"));
                try (InferenceState state = model.newState(512, CacheType.F32)) {
                    FloatMatrix logits =
                            state.forward(ReferenceLogitsTest.reference(prompts.get(prompt), expected, model));
                    differences.add(ReferenceLogitsTest.relativeDifference(expected, logits));
                    ReferenceLogitsTest.assertGreedy(state, logits, greedy.get(prompt), gaps.get(prompt), 0.5);
                }
            }
        }
        // a single position may differ more: one of a block's 32 activations can be far larger than the others
        double squares = differences.stream().mapToDouble(d -> d * d).sum();
        assertEquals(0, Math.sqrt(squares / differences.size()), 0.045, differences::toString);
    }
}
