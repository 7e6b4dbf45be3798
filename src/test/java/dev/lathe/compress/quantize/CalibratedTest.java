package dev.lathe.compress.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Slow;
import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.TransformContext;
import dev.lathe.measure.Divergence;
import dev.lathe.measure.Progress;
import dev.lathe.measure.Windows;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.CacheType;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Transforms that look at texts: on a small model, calibrated and measured on different sources of this project. */
@Slow
class CalibratedTest {
    private static final Path TEXT = Path.of("src/main/java/dev/lathe/Session.java");
    private static final int PIECE = 128;

    @AutoClose
    private static CalibratedModel small;

    @BeforeAll
    static void open() throws IOException {
        small = CalibratedModel.open(8, PIECE);
    }

    @Test
    void compensatedErrorsCostLessThanNearestNumbers() throws IOException {
        Quantize plain = Quantize.to(TensorType.Q4_0);
        double nearest = divergence(plain);
        double weighted = divergence(plain.weighted());
        double gptq = divergence(plain.gptq());
        double all = divergence(plain.gptq().awq().clipped());
        assertTrue(weighted < nearest, weighted + " of " + nearest);
        assertTrue(gptq < 0.8 * nearest, gptq + " of " + nearest);
        assertTrue(all < nearest, all + " of " + nearest);
    }

    @Test
    void scalesAndClippingAloneHelpToo() throws IOException {
        Quantize plain = Quantize.to(TensorType.Q4_0);
        double nearest = divergence(plain);
        assertTrue(divergence(plain.awq()) < nearest);
        assertTrue(divergence(plain.clipped()) < nearest);
    }

    @Test
    void theSameTextGivesTheSameBitsOnAnyThreads() throws IOException {
        ModelEdit two = new ModelEdit(small.source());
        Quantize quantize = Quantize.to(TensorType.Q5_0).gptq().awq().clipped();
        quantize.apply(two, small.context());
        ModelEdit one = new ModelEdit(small.source());
        quantize.apply(one, TransformContext.of(small.context().calibration(), Workers.single()));
        for (var tensor : one.tensors()) {
            assertArrayEquals(
                    one.floats(tensor.name()).data(), two.floats(tensor.name()).data(), tensor.name());
        }
    }

    /** Invariant of AWQ: in exact numbers, scales that move from inputs to where they come from change nothing. */
    @ParameterizedTest
    @EnumSource(
            value = ActivationSite.class,
            mode = EnumSource.Mode.EXCLUDE,
            // the model has no experts, and what the gate's function gave is multiplied, not read by a matrix
            names = {"FEED_FORWARD_GATE", "EXPERT", "EXPERT_DOWN", "EXPERT_OUTPUT"})
    void movedScalesLeaveTheLogits(ActivationSite site) throws IOException {
        ModelEdit model = new ModelEdit(small.source());
        Random random = new Random(5);
        LayerConfig config =
                LayerwiseModel.of(model, small.workers()).config().layers().get(1);
        LayerWeights weights = new LayerWeights(model, 1);
        assertTrue(weights.canMoveScales(site, config));
        int inputs = weights.matrix(
                        dev.lathe.compress.LayerTensors.readers(model, 1, site).getFirst())
                .columns();
        float[] scales = new float[inputs];
        for (int i = 0; i < inputs; i++) {
            scales[i] = Math.scalb(1f, random.nextInt(-3, 4));
        }
        if (site == ActivationSite.ATTENTION_OUTPUT) {
            scales = LayerWeights.sharedByValues(config, scales);
        }
        weights.moveScales(site, scales, config);
        for (String name : List.of("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")) {
            String whole = "blk.1." + name + ".weight";
            model.putMatrix(whole, weights.matrix(whole));
        }
        assertEquals(0, divergence(model), 1e-9);
    }

    @Test
    void importancesAreThoseThatTheFileKeeps() throws IOException {
        ImportanceMatrix importances = Importances.collect(small.source(), small.context(), "test");
        assertEquals(3 * 7 + 1, importances.tensorNames().size());
        ImportanceMatrix.Entry query = importances.find("blk.0.attn_q.weight").orElseThrow();
        assertEquals(128, query.columns());
        assertEquals(8 * PIECE, query.counts()[0]);
        ModelEdit measured = new ModelEdit(small.source());
        Quantize.to(TensorType.Q4_1).weighted().apply(measured, small.context());
        ModelEdit known = new ModelEdit(small.source());
        StepReport report = Quantize.to(TensorType.Q4_1)
                .weightedBy(importances)
                .apply(known, TransformContext.of(List.of(), small.workers()));
        assertEquals("quantize to Q4_1, weighted", report.step());
        assertArrayEquals(
                known.floats("blk.2.ffn_down.weight").data(),
                measured.floats("blk.2.ffn_down.weight").data());
    }

    @Test
    void importancesOfAnotherModelAreRefused() {
        ImportanceMatrix other = new ImportanceMatrix(
                List.of(), 1, 1, Map.of("blk.0.attn_q.weight", new ImportanceMatrix.Entry(new float[3], new float[1])));
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> Quantize.to(TensorType.Q4_0)
                                .weightedBy(other)
                                .apply(new ModelEdit(small.source()), small.context()))
                .getMessage();
        assertEquals(
                "tensor blk.0.attn_q.weight has rows of 128, its importances are for 3: they belong to another model",
                message);
        assertThrows(
                IllegalArgumentException.class,
                () -> Quantize.to(TensorType.Q4_0).weightedBy(other).gptq());
    }

    @Test
    void withoutTextsItSaysWhatIsMissing() {
        TransformContext none = TransformContext.of(List.of(), small.workers());
        for (Quantize quantize : List.of(
                Quantize.to(TensorType.Q4_0).weighted(),
                Quantize.to(TensorType.Q4_0).gptq())) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> quantize.apply(new ModelEdit(small.source()), none))
                    .getMessage();
            assertTrue(message.contains("needs calibration texts"), message);
        }
    }

    private static double divergence(Quantize quantize) throws IOException {
        ModelEdit model = new ModelEdit(small.source());
        quantize.apply(model, small.context());
        return divergence(model);
    }

    private static double divergence(ModelEdit changed) throws IOException {
        try (Model base = Model.load(small.source(), LoadOptions.DEFAULT);
                Model model = Model.load(changed, LoadOptions.DEFAULT)) {
            int[] tokens = base.tokenizer().encode(Files.readString(TEXT));
            Windows windows = Windows.of(PIECE).limit(8);
            return Divergence.between(
                            base.languageModel(), model.languageModel(), tokens, windows, CacheType.F32, Progress.NONE)
                    .mean();
        }
    }
}
