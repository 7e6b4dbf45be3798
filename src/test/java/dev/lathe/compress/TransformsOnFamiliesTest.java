package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.lowrank.LowRank;
import dev.lathe.compress.prune.Prune;
import dev.lathe.compress.prune.Sparsity;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.compress.slice.Slice;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.family.Families;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A transform works on a family's models, or says why not and leaves no model that cannot be run. */
@Slow
class TransformsOnFamiliesTest {
    private static final int NOISES = 3;
    private static final List<int[]> TEXTS = IntStream.range(0, 3)
            .mapToObj(seed -> new Random(seed).ints(40, 0, 48).toArray())
            .toList();

    /** Encoders have a test of their own. */
    static Stream<String> decoders() {
        return Families.names().stream().filter(family -> !family.contains("bert") && !family.contains("embedding"));
    }

    /** A model each of whose matrices has changed at random by as much as a step has changed it. */
    private static ModelEdit noisy(RandomFamilyFile file, StepReport report, int seed) throws IOException {
        ModelEdit noisy = new ModelEdit(file);
        Random random = new Random(seed);
        for (TensorReport tensor : report.tensors()) {
            FloatMatrix matrix = noisy.floats(tensor.name());
            double squares = 0;
            for (float weight : matrix.data()) {
                squares += weight * weight;
            }
            double deviation = tensor.relativeError() * Math.sqrt(squares / matrix.data().length);
            for (int i = 0; i < matrix.data().length; i++) {
                matrix.data()[i] += (float) (deviation * random.nextGaussian());
            }
            noisy.putMatrix(tensor.name(), matrix, TensorType.F32);
        }
        return noisy;
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void quantizationAndMasksWork(String family) throws IOException {
        RandomFamilyFile file = new RandomFamilyFile(family);
        float[] before = ToyFiles.logits(new ModelEdit(file), TEXTS.getFirst());
        for (Transform transform :
                List.of(Quantize.to(TensorType.Q8_0), Quantize.mix("Q4_K_M"), Prune.wanda(Sparsity.of(0.1)))) {
            ModelEdit model = new ModelEdit(file);
            StepReport report = transform.apply(model, ToyFiles.context(TEXTS));
            double error = ToyFiles.relativeError(before, ToyFiles.logits(model, TEXTS.getFirst()));
            double noise = 0; // random networks amplify: what noise of the same size does is the measure
            for (int seed = 0; seed < NOISES; seed++) {
                ModelEdit noisy = noisy(file, report, seed);
                noise += ToyFiles.relativeError(before, ToyFiles.logits(noisy, TEXTS.getFirst())) / NOISES;
            }
            String what = transform.name() + ": " + error + ", noise " + noise;
            assertTrue(error > 0 && error < 3 * noise, what); // activations are rounded, too
        }
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void whatChangesShapesWorksOrSaysWhyNot(String family) throws IOException {
        for (Transform transform : List.of(
                Prune.feedForward(0.4),
                Prune.heads(0.5),
                Prune.layers(1),
                Prune.layers(1).withoutCompensation(),
                Prune.blocks(0.3),
                Prune.blocks(0.3).asZeros(),
                LowRank.whitened(0.3).rankStep(4),
                LowRank.whitened(0.3).rankStep(4).merged(),
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
