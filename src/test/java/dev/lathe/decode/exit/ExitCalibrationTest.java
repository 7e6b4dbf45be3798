package dev.lathe.decode.exit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.EvaluatedText;
import dev.lathe.decode.sampling.Logits;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.model.decoder.RandomModels;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ExitCalibrationTest {
    private final DecoderModel model = RandomModels.ofLayersInOneBasis(4, 12, Workers.single(), KernelChoice.best());
    private final ExitCalibration calibration = ExitCalibration.of(model, 2, 1, 2, 3);

    private List<int[]> texts(int count, int length, long seed) {
        Random random = new Random(seed);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(RandomModels.tokens(model, length, random));
        }
        return texts;
    }

    @Test
    void findsTheLoosestThresholdBeforeTheFirstThatFails() {
        List<int[]> texts = texts(60, 8, 1);
        double[] thresholds = {1, 0.9, 0.5, 0.3, 0.2, 0.1, 0.05, 0};
        CalibratedExit found = calibration.calibrate(texts, Exit::confidence, 0.3, 0.05, thresholds);
        double threshold = found.threshold().orElseThrow();
        assertTrue(found.pValue() <= 0.05);
        assertTrue(found.measured().agreement() >= 0.7);
        assertEquals(60 * 6, found.measured().tokens());
        assertEquals(
                found.measured(),
                calibration.measure(texts, List.of(Exit.confidence(threshold))).getFirst());
        double looser = 0;
        for (double candidate : thresholds) {
            looser = candidate < threshold ? Math.max(looser, candidate) : looser;
        }
        double disagreement = 1
                - calibration
                        .measure(texts, List.of(Exit.confidence(looser)))
                        .getFirst()
                        .agreement();
        assertTrue(ExitCalibration.pValue(disagreement, 0.3, 60) > 0.05);
    }

    @Test
    void withoutEnoughTextsNothingIsProven() {
        CalibratedExit none = calibration.calibrate(texts(5, 8, 2), Exit::confidence, 0.01, 0.05, 1, 0.5);
        assertEquals(OptionalDouble.empty(), none.threshold());
        assertEquals(4, none.measured().meanExitLayer());
        assertEquals(1, none.measured().agreement());
        assertEquals(none.measured().modelPerplexity(), none.measured().perplexity());
        assertThrows(
                IllegalArgumentException.class,
                () -> calibration.calibrate(texts(1, 8, 2), Exit::confidence, 0, 0.05, 1));
        assertThrows(IllegalArgumentException.class, () -> calibration.measure(texts(1, 2, 2), List.of(Exit.never())));
        assertThrows(IllegalArgumentException.class, () -> ExitCalibration.of(model, 1, 4));
    }

    @Property
    void pValuesFallWithMoreTextsAndRiseWithTheMeasuredRisk(
            @ForAll @DoubleRange(min = 0, max = 1) double measured,
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double risk,
            @ForAll @IntRange(min = 1, max = 1000) int count) {
        double value = ExitCalibration.pValue(measured, risk, count);
        assertTrue(value >= 0 && value <= 1 + 1e-12);
        assertTrue(ExitCalibration.pValue(measured, risk, count + 1) <= value + 1e-12);
        assertTrue(ExitCalibration.pValue(measured / 2, risk, count) <= value + 1e-12);
        assertEquals(measured >= risk ? 1 : value, value);
    }

    /** A mean of shares whose expectation is the risk passes the test at level 0.1 no more often than that. */
    @Test
    void theGuaranteeHoldsInSimulation() {
        Random random = new Random(3);
        int passed = 0;
        for (int run = 0; run < 20_000; run++) {
            int sum = 0;
            for (int i = 0; i < 50; i++) {
                sum += random.nextDouble() < 0.2 ? 1 : 0;
            }
            passed += ExitCalibration.pValue(sum / 50.0, 0.2, 50) <= 0.1 ? 1 : 0;
        }
        assertTrue(passed > 0 && passed < 2000, () -> "the bound holds and is of use");
    }

    @Test
    void labelsAreGoOnThenExitOrStopThroughout() {
        assertArrayEquals(new int[] {2, 2, 1}, StopExitClassifier.labels(trace(7, 5, 6, 7, 9)));
        assertArrayEquals(new int[] {1, 1, 1}, StopExitClassifier.labels(trace(5, 5, 6, 7, 9)));
        assertArrayEquals(new int[] {2, 2, 2}, StopExitClassifier.labels(trace(9, 5, 6, 7, 9)));
        assertArrayEquals(new int[] {0, 0, 0}, StopExitClassifier.labels(trace(4, 5, 6, 7, 9)));
    }

    private static ExitTrace trace(int next, int... tokens) {
        List<ExitProbe> probes = new ArrayList<>();
        for (int i = 0; i < tokens.length - 1; i++) {
            FloatMatrix logits = FloatMatrix.zeros(1, 10);
            logits.data()[tokens[i]] = 1;
            probes.add(new ExitProbe(i + 1, 4, 0, 9, new float[] {1}, new float[] {1}, () -> logits, null));
        }
        return new ExitTrace(probes, new double[tokens.length], tokens[tokens.length - 1], next);
    }

    /** Half of the texts go on as the model would, half at random: the classifier tells them apart better than chance. */
    @Test
    void theClassifierLearnsWhereTheModelIsRight() {
        List<int[]> texts = texts(40, 12, 4);
        for (int i = 0; i < texts.size(); i += 2) {
            int[] text = texts.get(i);
            try (var state = model.newState(20, dev.lathe.model.CacheType.F32)) {
                EvaluatedText evaluated = new EvaluatedText(state, 20);
                for (int length = 2; length < text.length; length++) {
                    FloatMatrix logits = evaluated.evaluate(java.util.Arrays.copyOf(text, length));
                    text[length] = Logits.argmax(logits.data(), 0, logits.columns());
                }
            }
        }
        StopExitClassifier classifier = StopExitClassifier.learn(model, texts, 1, 2, 3);
        Exit exit = classifier.exit(0.5, 0.5);
        int right = 0;
        int decided = 0;
        for (int[] text : texts) {
            for (ExitTrace trace : ExitTrace.of(model, text, 1, 1, 2, 3)) {
                int[] labels = StopExitClassifier.labels(trace);
                for (int i = 0; i < labels.length; i++) {
                    Exit.Decision decision = exit.decide(trace.probes().get(i));
                    if (decision != Exit.Decision.GO_ON) {
                        decided++;
                        right += decision == (labels[i] == 0 ? Exit.Decision.GIVE_UP : Exit.Decision.EXIT)
                                        && labels[i] != 2
                                ? 1
                                : 0;
                    }
                }
            }
        }
        assertTrue(decided > 300, "decided " + decided);
        assertTrue(right > 0.6 * decided, right + " right of " + decided);
        List<StopExitQuality> qualities = classifier.measure(model, texts, 1, new double[] {0.5, 1}, 1, 2, 3);
        StopExitQuality quality = qualities.getFirst();
        assertEquals(40 * 11 * 3, quality.decisions());
        assertTrue(quality.accuracy() > quality.baseRate(), quality.toString());
        assertTrue(quality.stop().precision() > quality.stop().share(), quality.toString());
        assertTrue(quality.exit().precision() > quality.exit().share(), quality.toString());
        double taken = quality.stop().share()
                        * quality.stop().recall()
                        / quality.stop().precision()
                + quality.exit().share()
                        * quality.exit().recall()
                        / quality.exit().precision();
        assertEquals(decided, taken * quality.decisions(), 1e-6);
        assertEquals(0, qualities.get(1).stop().recall());
        assertTrue(Double.isNaN(qualities.get(1).exit().precision()), "never taken");
        Exit never = classifier.exit(1, 1);
        assertSame(
                Exit.Decision.GO_ON,
                never.decide(ExitTrace.of(model, texts.getFirst(), 1, 1)
                        .getFirst()
                        .probes()
                        .getFirst()));
    }
}
