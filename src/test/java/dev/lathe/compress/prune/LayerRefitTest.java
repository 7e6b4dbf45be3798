package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.GramMatrix;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.GgufFile;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

@Slow
class LayerRefitTest {
    /** With more damping less is made up for, but never less than nothing. */
    @Property(tries = 20)
    void aRefitIsNeverWorseWhereItWasFitted(@ForAll long seed) {
        Random random = new Random(seed);
        FloatMatrix inputs = RandomMatrices.inputs(200, 24, random);
        FloatMatrix weights = RandomMatrices.gaussian(8, 24, random);
        FloatMatrix residual = RandomMatrices.gaussian(200, 8, random);
        CrossProducts products = new CrossProducts(new GramMatrix(24), 8);
        products.add(inputs, residual, Workers.single());
        double last = 0;
        for (double damping : new double[] {1e-5, 0.1, 10, 1e9}) {
            double error = error(products.refit(weights, damping, Workers.single()), weights, inputs, residual);
            assertTrue(error >= last * (1 - 1e-6), error + " after " + last);
            last = error;
        }
        assertTrue(last <= error(weights, weights, inputs, residual) * (1 + 1e-6));
    }

    private static double error(FloatMatrix refitted, FloatMatrix weights, FloatMatrix inputs, FloatMatrix residual) {
        double error = 0;
        for (int row = 0; row < inputs.rows(); row++) {
            for (int output = 0; output < residual.columns(); output++) {
                double change = 0;
                for (int i = 0; i < inputs.columns(); i++) {
                    change += ((double) refitted.get(output, i) - weights.get(output, i)) * inputs.get(row, i);
                }
                error += Math.pow(residual.get(row, output) - change, 2);
            }
        }
        return error;
    }

    /** On texts that were not fitted, a model without a layer predicts no worse with the refit than without. */
    @Example
    void aRealModelIsNeverWorseOnTextsHeldOut() throws IOException {
        try (GgufFile file = GgufFile.open(Path.of("examples/models/lathe-java-draft-f16.gguf"));
                Workers workers = Workers.of(2)) {
            List<int[]> texts = Calibration.text(Path.of("LICENSE"))
                    .sequences(32)
                    .tokensEach(128)
                    .draw(Tokenizer.from(file.metadata()));
            List<int[]> heldOut = LayerRefit.heldOut(texts);
            assertEquals(texts.size() / 4, heldOut.size());
            TransformContext context = TransformContext.of(texts, workers);
            double[] loss = new double[2];
            for (int i = 0; i < 2; i++) {
                LayerPruning pruning = Prune.layers(1);
                ModelEdit model = new ModelEdit(file);
                (i == 0 ? pruning.withoutCompensation() : pruning).apply(model, context);
                loss[i] = TextLoss.of(model, heldOut, workers);
            }
            LayerRefit refit = LayerRefit.of(new ModelEdit(file), 1, texts, context);
            assertEquals(loss[0], refit.lossWithout());
            assertEquals(loss[1], refit.loss());
            assertTrue(loss[1] <= loss[0], loss[1] + " with the refit, without " + loss[0]);
        }
    }
}
