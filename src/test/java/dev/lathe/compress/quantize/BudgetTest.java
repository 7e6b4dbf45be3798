package dev.lathe.compress.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.DecodedTensors;
import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.LogitCurvature;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Sensitivity;
import dev.lathe.compress.StepReport;
import dev.lathe.compress.TensorReport;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.decoder.LayerwiseModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Types within a budget, on a small model and a source of this project. */
@Slow
class BudgetTest {
    @AutoClose
    private static CalibratedModel small;

    @BeforeAll
    static void open() throws IOException {
        small = CalibratedModel.open(12, 64);
    }

    /** What running from a changed matrix on gives is what running the whole changed model gives. */
    @Test
    void theLossIsThatOfTheChangedModel() throws IOException {
        List<Weight> weights = QuantizationPlan.weights(small.source(), true).stream()
                .filter(weight -> weight.layer() != 1)
                .toList();
        List<Encoded> changed = new ArrayList<>();
        List<Sensitivity.Change> changes = new ArrayList<>();
        for (Weight weight : weights) {
            changed.add(RowEncoder.encode(small.source(), weight.tensor(), TensorType.Q4_0, null, small.workers()));
            changes.add(weight.change(changed.getLast()));
        }
        List<int[]> texts = small.context().calibration().subList(0, 2);
        double[] losses = Sensitivity.measure(small.source(), small.context(), "test", changes, texts);
        for (int i = 0; i < losses.length; i++) {
            ModelEdit edit = new ModelEdit(small.source());
            String name = weights.get(i).tensor().name();
            Encoded encoded = changed.get(i);
            edit.put(name, encoded.type(), weights.get(i).tensor().dimensions(), encoded.content());
            double expected = 0;
            for (int[] text : texts) {
                expected +=
                        new LogitCurvature(logits(new ModelEdit(small.source()), text)).of(logits(edit, text)) / 128;
            }
            assertTrue(losses[i] > 0, name);
            assertEquals(expected, losses[i], 1e-9 * expected, name);
        }
    }

    private static FloatMatrix logits(ModelEdit model, int[] text) throws IOException {
        LayerwiseModel runner = LayerwiseModel.of(new DecodedTensors(model), small.workers());
        FloatMatrix hidden = runner.embed(List.of(text)).getFirst();
        for (int layer = 0; layer < runner.config().layers().size(); layer++) {
            hidden = runner.layer(layer).run(hidden, ActivationObserver.NONE);
        }
        return runner.head().logits(hidden);
    }

    @Test
    void theBudgetIsUsedAndTheReportComparesWithMixes() throws IOException {
        long bytes = Quantize.mix(Mix.Q5_0).plan(small.source()).byteCount();
        ModelEdit model = new ModelEdit(small.source());
        StepReport report = Quantize.within(bytes).apply(model, small.context());
        assertTrue(model.byteCount() <= bytes, model.byteCount() + " of " + bytes);
        assertTrue(model.byteCount() > 0.97 * bytes, model.byteCount() + " of " + bytes);
        assertEquals(2, report.notes().size(), () -> "" + report.notes());
        String note = report.notes().getFirst();
        assertTrue(note.startsWith("the choice by matrix is better than Q5_"), () -> "" + report.notes());
        assertTrue(
                report.tensors().stream().map(TensorReport::type).distinct().count() > 1, () -> "" + report.tensors());
    }

    @Test
    void aMixThatIsBetterIsTaken() throws IOException {
        ImportanceMatrix importances = Importances.collect(small.source(), small.context(), "test");
        TypeChoice given = TypeChoice.uniform(TensorType.Q8_0);
        QuantizationPlan bad = QuantizationPlan.of(
                TypeChoice.uniform(TensorType.IQ4_NL).with("head", TensorType.IQ4_NL, Weight::isHead),
                small.source(),
                true);
        QuantizationPlan mix = Quantize.mix(Mix.Q8_0).plan(small.source());
        BudgetComparison comparison = new BudgetComparison(small.source(), small.context(), "test", importances);
        BudgetComparison.Outcome outcome = comparison.best(
                bad, given, mix.byteCount(), small.context().calibration().subList(0, 2));
        assertEquals(mix.byteCount(), outcome.plan().byteCount());
        String note = outcome.notes().getFirst();
        assertTrue(note.startsWith("the choice by matrix is not better than Q8_0 of "), note);
        assertTrue(note.contains(", whose types were taken: "), note);
        TypeChoice head = given.with("head", TensorType.F16, Weight::isHead);
        long withHead =
                Quantize.mix(Mix.Q8_0).head(TensorType.F16).plan(small.source()).byteCount();
        BudgetComparison.Outcome ruled = comparison.best(
                bad, head, withHead, small.context().calibration().subList(0, 2));
        assertEquals(
                TensorType.F16,
                ruled.plan().entries().stream()
                        .filter(entry -> entry.tensor().name().equals("token_embd.weight"))
                        .findFirst()
                        .orElseThrow()
                        .type());
    }

    @Test
    void rulesAreKeptAndMethodsCombine() throws IOException {
        ModelEdit model = new ModelEdit(small.source());
        StepReport report =
                Quantize.withinBitsPerWeight(7).head(TensorType.Q8_0).gptq().apply(model, small.context());
        assertEquals("quantize to 7.0 bits a weight, head Q8_0, weighted, GPTQ", report.step());
        assertTrue(8.0 * model.byteCount() / model.parameterCount() <= 7);
        assertEquals(
                TensorType.Q8_0, model.tensor("token_embd.weight").orElseThrow().type());
    }

    @Test
    void tooFewBytesAreAnErrorThatNamesTheLeast() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> Quantize.within(1000).apply(new ModelEdit(small.source()), small.context()))
                .getMessage();
        assertTrue(message.startsWith("the model cannot be quantized to 1000 bytes, the least is "), message);
    }
}
