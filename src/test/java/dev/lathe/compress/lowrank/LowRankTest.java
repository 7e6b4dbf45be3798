package dev.lathe.compress.lowrank;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.ToyFiles;
import dev.lathe.compress.algebra.Matrix;
import dev.lathe.compress.algebra.Orthonormal;
import dev.lathe.model.ActivationSite;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Slow
class LowRankTest {
    private static final List<int[]> TEXTS = ToyFiles.texts(6, 40, 1);
    private static final Workers ONE = Workers.single();
    /** What the damping of the Gram matrix, 1e-8 of its mean diagonal, may add to squares of relative errors. */
    private static final double DAMPED = 1e-7;

    @Property(tries = 40)
    void whitenedFactorsHaveTheErrorTheyPredictAndNoOthersHaveLess(
            @ForAll @IntRange(min = 2, max = 20) int outputs,
            @ForAll @IntRange(min = 2, max = 20) int inputs,
            @ForAll long seed) {
        Matrix weights = Orthonormal.gaussian(outputs, inputs, seed);
        Matrix rows =
                Orthonormal.gaussian(60, inputs, seed + 1).times(Orthonormal.gaussian(inputs, inputs, seed + 2), ONE);
        GramMatrix gram = new GramMatrix(inputs);
        FloatMatrix floats = rows.toFloats();
        gram.add(floats, ONE);
        Matrix x = Matrix.of(floats);
        Matrix expected = x.times(weights.transpose(), ONE);
        for (int rank = 1; rank <= Math.min(outputs, inputs); rank++) {
            var whitened = Factorization.of(weights, Optional.of(Factorization.root(gram)), ONE)
                    .factors(rank);
            var plain = Factorization.of(weights, Optional.empty(), ONE).factors(rank);
            double error = outputError(x, expected, whitened);
            assertEquals(whitened.error() * whitened.error(), error * error, DAMPED);
            assertTrue(error * error <= Math.pow(outputError(x, expected, plain), 2) + DAMPED);
            Matrix direction = Orthonormal.random(outputs, seed + rank).firstColumns(rank);
            var other = new Factorization.Factors(direction.transposeTimes(weights, ONE), direction, 0);
            assertTrue(error * error <= Math.pow(outputError(x, expected, other), 2) + DAMPED);
        }
    }

    private static double outputError(Matrix x, Matrix expected, Factorization.Factors factors) {
        Matrix actual =
                x.times(factors.in().transpose(), ONE).times(factors.out().transpose(), ONE);
        double sum = 0;
        for (int i = 0; i < actual.data().length; i++) {
            sum += Math.pow(actual.data()[i] - expected.data()[i], 2);
        }
        return Math.sqrt(sum / expected.squares());
    }

    @Test
    void removingNothingChangesNothing() throws IOException {
        for (LowRank transform : List.of(
                LowRank.plain(0), LowRank.whitened(0), LowRank.whitened(0).uniform())) {
            ModelEdit model = ToyFiles.model("llama", true, 3);
            float[] before = ToyFiles.logits(model, TEXTS.getFirst());
            StepReport report = transform.rankStep(4).apply(model, ToyFiles.context(TEXTS));
            assertArrayEquals(before, ToyFiles.logits(model, TEXTS.getFirst()));
            assertEquals(report.parametersBefore(), report.parametersAfter());
            assertEquals("llama", model.metadata().string("general.architecture"));
            assertTrue(report.notes().getFirst().startsWith("every matrix stays whole"));
        }
    }

    @Test
    void theTotalIsKeptAndTheErrorGrowsWithIt(@TempDir Path folder) throws IOException {
        for (boolean whitened : new boolean[] {false, true}) {
            double last = 0;
            for (double removed : new double[] {0.1, 0.3, 0.5, 0.7}) {
                ModelEdit model = ToyFiles.model("qwen2", false, 4);
                long outside = model.require("token_embd.weight").elementCount() * 2;
                long layers = matrixParameters(model) - outside;
                float[] before = ToyFiles.logits(model, TEXTS.getLast());
                StepReport report = (whitened ? LowRank.whitened(removed) : LowRank.plain(removed))
                        .rankStep(2)
                        .apply(model, ToyFiles.context(TEXTS));
                long after = matrixParameters(model) - outside;
                assertTrue(after <= (1 - removed) * layers, after + " of " + layers);
                assertTrue(after >= (1 - removed) * layers * 0.97, after + " of " + layers);
                assertEquals(report.parametersAfter(), model.parameterCount());
                float[] logits = ToyFiles.logits(model, TEXTS.getLast());
                double error = ToyFiles.relativeError(before, logits);
                assertTrue(error > last, error + " at " + removed + ", less before: " + last);
                last = error;
                assertArrayEquals(
                        logits, ToyFiles.logitsOfFile(model, folder.resolve("factors.gguf"), TEXTS.getLast()));
                assertFalse(report.tensors().isEmpty());
            }
        }
    }

    private static long matrixParameters(ModelEdit model) {
        return model.tensors().stream()
                .filter(tensor -> tensor.dimensions().size() == 2)
                .mapToLong(dev.lathe.gguf.TensorInfo::elementCount)
                .sum();
    }

    @Test
    void textsSaveQualityAndSoDoRanksThatDiffer() throws IOException {
        double plain = 0;
        double uniform = 0;
        double allocated = 0;
        for (int seed = 0; seed < 8; seed++) {
            plain += error(LowRank.plain(0.4).rankStep(2), seed);
            uniform += error(LowRank.whitened(0.4).rankStep(2).uniform(), seed);
            allocated += error(LowRank.whitened(0.4).rankStep(2), seed);
        }
        assertTrue(uniform < plain, uniform + " uniform, " + plain + " plain");
        assertTrue(allocated < plain, allocated + " allocated, " + plain + " plain");
    }

    private static double error(LowRank transform, long seed) throws IOException {
        ModelEdit model = ToyFiles.model("llama", true, seed);
        float[] before = ToyFiles.logits(model, TEXTS.getFirst());
        transform.apply(model, ToyFiles.context(TEXTS));
        return ToyFiles.relativeError(before, ToyFiles.logits(model, TEXTS.getFirst()));
    }

    @Test
    void mergedFactorsComputeTheSameInTheOldShape() throws IOException {
        ModelEdit factors = ToyFiles.model("llama", true, 5);
        ModelEdit merged = ToyFiles.model("llama", true, 5);
        long parameters = merged.parameterCount();
        LowRank.whitened(0.4).rankStep(2).apply(factors, ToyFiles.context(TEXTS));
        StepReport report = LowRank.whitened(0.4).rankStep(2).merged().apply(merged, ToyFiles.context(TEXTS));
        assertEquals("low rank 40% whitened merged", report.step());
        assertTrue(report.notes().getFirst().contains("no bytes are saved"));
        assertEquals("llama", merged.metadata().string("general.architecture"));
        assertEquals(parameters, merged.parameterCount());
        float[] expected = ToyFiles.logits(factors, TEXTS.getFirst());
        assertEquals(0, ToyFiles.relativeError(expected, ToyFiles.logits(merged, TEXTS.getFirst())), 1e-5);
    }

    @Test
    void onlyTheNamedMatricesAreFactored() throws IOException {
        ModelEdit model = ToyFiles.model("llama", true, 9);
        LowRank transform = LowRank.plain(0.5).rankStep(4).uniform().on(ActivationSite.FEED_FORWARD);
        assertEquals("low rank 50% plain uniform of [feed_forward]", transform.name());
        transform.apply(model, ToyFiles.context(List.of()));
        assertTrue(model.tensor("blk.1.ffn_up.weight").isEmpty());
        assertTrue(model.tensor("blk.1.ffn_up.in.weight").isPresent());
        assertTrue(model.tensor("blk.1.ffn_down.weight").isPresent());
        assertEquals("lathe", model.metadata().string("general.architecture"));
        assertEquals("llama", model.metadata().string("lathe.base_architecture"));
        ToyFiles.logits(model, TEXTS.getFirst());
    }

    @Test
    void whatCannotBeDoneIsRefusedWithACure() {
        assertThrows(IllegalArgumentException.class, () -> LowRank.plain(1));
        assertThrows(IllegalArgumentException.class, () -> LowRank.plain(-0.1));
        assertThrows(IllegalArgumentException.class, () -> LowRank.plain(0.1).rankStep(0));
        Exception noTexts = assertThrows(
                IllegalArgumentException.class,
                () -> LowRank.whitened(0.2).apply(ToyFiles.model("llama", true, 1), ToyFiles.context(List.of())));
        assertTrue(noTexts.getMessage().contains("calibratedOn"), noTexts.getMessage());
        Exception tooMuch = assertThrows(
                IllegalArgumentException.class,
                () -> LowRank.plain(0.99).apply(ToyFiles.model("llama", true, 1), ToyFiles.context(List.of())));
        assertTrue(tooMuch.getMessage().contains("remove less"), tooMuch.getMessage());
    }
}
