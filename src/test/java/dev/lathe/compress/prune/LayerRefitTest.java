package dev.lathe.compress.prune;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.compress.Calibration;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.TransformContext;
import dev.lathe.gguf.GgufFile;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import dev.lathe.model.DecoderModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class LayerRefitTest {
    /** Never worse than none, on the texts that are fitted and on those held out; and no refit where there is nothing to find. */
    @Property(tries = 30)
    void whatWasAddedBehindIsTakenOverWhereItCanBeGuessed(
            @ForAll @DoubleRange(max = 1) double chance, @ForAll long seed) {
        Random random = new Random(seed);
        FloatMatrix weights = RandomMatrices.gaussian(8, 24, random);
        FloatMatrix law = RandomMatrices.gaussian(8, 24, random);
        CrossProducts fitted = new CrossProducts(24, 8);
        CrossProducts heldOut = new CrossProducts(24, 8);
        CrossProducts all = new CrossProducts(24, 8);
        for (int text = 0; text < 4; text++) {
            FloatMatrix inputs = RandomMatrices.inputs(40, 24, random);
            FloatMatrix residual = RandomMatrices.gaussian(40, 8, random);
            for (int i = 0; i < residual.data().length; i++) {
                double sum = 0;
                for (int k = 0; k < 24; k++) {
                    sum += law.get(i % 8, k) * inputs.get(i / 8, k);
                }
                residual.data()[i] = (float) (10 * chance * residual.data()[i] + (1 - chance) * sum);
            }
            (text == 3 ? heldOut : fitted).add(inputs, residual, Workers.single());
            all.add(inputs, residual, Workers.single());
        }
        LayerRefit refit = LayerRefit.of(weights, fitted, heldOut, Workers.single());
        if (refit.matrix().isPresent()) {
            double[] change = new double[8 * 24];
            for (int i = 0; i < change.length; i++) {
                change[i] = (double) refit.matrix().get().data()[i] - weights.data()[i];
            }
            assertTrue(all.madeUpBy(change, Workers.single()) > 0);
            assertTrue(refit.madeUp() > 0 && refit.madeUp() <= 1, "made up for " + refit.madeUp());
        }
        assertTrue(refit.matrix().isPresent() || chance > 0.05, "no refit at a chance of " + chance);
    }

    @Example
    void aRefitThatOnlyLearnsChanceIsRefused() {
        int refused = 0;
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            CrossProducts fitted = new CrossProducts(24, 8);
            CrossProducts heldOut = new CrossProducts(24, 8);
            fitted.add(RandomMatrices.inputs(40, 24, random), RandomMatrices.gaussian(40, 8, random), Workers.single());
            heldOut.add(
                    RandomMatrices.inputs(40, 24, random), RandomMatrices.gaussian(40, 8, random), Workers.single());
            LayerRefit refit = LayerRefit.of(RandomMatrices.gaussian(8, 24, random), fitted, heldOut, Workers.single());
            refused += refit.matrix().isEmpty() ? 1 : 0;
            assertTrue(refit.madeUp() < 0.1, "made up for " + refit.madeUp());
        }
        assertTrue(refused >= 5, refused + " of 20 refused");
    }

    /** A model that has never seen the text: what makes up for a layer on calibration texts does so here too. */
    @Test
    void theRefitOfARealModelHelpsOnOtherText() throws IOException {
        Path text = ReferenceData.require("text/java.txt");
        Path calibration = ReferenceData.require("text/java-calibration.txt");
        try (GgufFile file = GgufFile.open(Path.of("examples/models/lathe-java-f16.gguf"));
                Workers workers = Workers.of(2)) {
            Tokenizer tokenizer = Tokenizer.from(file.metadata());
            List<int[]> texts = Calibration.text(calibration).sequences(16).draw(tokenizer);
            TransformContext context = TransformContext.of(texts, workers);
            int[] tokens = tokenizer.encode(Files.readString(text), false, false);
            double[] perplexity = new double[2];
            for (int i = 0; i < 2; i++) {
                LayerPruning pruning = Prune.layers(2);
                ModelEdit model = new ModelEdit(file);
                (i == 0 ? pruning.withoutCompensation() : pruning).apply(model, context);
                try (DecoderModel smaller = DecoderModel.load(model, workers)) {
                    Windows windows = Windows.of(512).limit(8);
                    perplexity[i] = Perplexity.of(smaller, tokens, windows).value();
                }
            }
            assertTrue(perplexity[1] < perplexity[0], perplexity[1] + " with the refit, without " + perplexity[0]);
        }
    }
}
