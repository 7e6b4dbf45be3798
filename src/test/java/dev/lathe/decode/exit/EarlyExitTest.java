package dev.lathe.decode.exit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.EvaluatedText;
import dev.lathe.decode.ExitStatistics;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationLoop;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyText;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.model.decoder.RandomModels;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

@OnEveryKernelSet
class EarlyExitTest {
    private static final int LAYERS = 5;

    /** A random model whose logits are numbers: layers without norms, with squares of squares, can grow beyond floats. */
    private static DecoderModel model(long seed) {
        for (long next = seed; ; next++) {
            DecoderModel model = RandomModels.ofLayersInOneBasis(LAYERS, next, Workers.single(), KernelChoice.best());
            int[] tokens = RandomModels.tokens(model, 20, new Random(seed));
            try (InferenceState state = model.newState(20, CacheType.F32)) {
                float[] logits = state.forward(TokenBatch.allLogits(tokens)).data();
                if (IntStream.range(0, logits.length).allMatch(i -> Float.isFinite(logits[i]))) {
                    return model;
                }
            }
        }
    }

    private static EvaluatedText newText(DecoderModel model) {
        return new EvaluatedText(model.newState(60, CacheType.F32), 8);
    }

    private static GenerationLoop loop(
            DecoderModel model, EvaluatedText text, GenerationOptions options, int... prompt) {
        return new GenerationLoop(
                model, text, prompt, options, ToyText.letters(model.vocabularySize() + 1), System::nanoTime);
    }

    private static List<Token> run(GenerationLoop loop) {
        List<Token> tokens = new ArrayList<>();
        for (var token = loop.next(); token.isPresent(); token = loop.next()) {
            tokens.add(token.get());
        }
        return tokens;
    }

    private static GenerationOptions options(long seed, Decoding decoding) {
        Sampler sampler = seed % 2 == 0
                ? Sampler.greedy()
                : Sampler.temperature(0.8f).topP(0.9f).seed(seed);
        return GenerationOptions.DEFAULT
                .sampler(sampler)
                .decoding(decoding)
                .maxTokens(12)
                .logProbabilities(1);
    }

    private static float[] nextLogits(DecoderModel model, EvaluatedText text) {
        return text.state()
                .forward(TokenBatch.lastLogits(
                        Arrays.copyOfRange(text.tokens(), text.state().length(), text.length())))
                .row(0);
    }

    private static float[] freshLogits(DecoderModel model, EvaluatedText text) {
        return newText(model).evaluate(text.tokens()).row(0);
    }

    @Property(tries = 20)
    void neverLeavingIsPlainDecodingToTheBit(@ForAll long seed, @ForAll SkippedLayers skippedLayers) {
        DecoderModel model = model(seed);
        int[] prompt = RandomModels.tokens(model, 5, new Random(seed));
        EvaluatedText plain = newText(model);
        List<Token> expected = run(loop(model, plain, options(seed, Decoding.autoregressive()), prompt));
        EvaluatedText text = newText(model);
        Decoding decoding = Decoding.earlyExit(Exit.never()).layers(1, 3).skippedLayers(skippedLayers);
        GenerationLoop loop = loop(model, text, options(seed, decoding), prompt);
        assertEquals(expected, run(loop));
        assertArrayEquals(plain.tokens(), text.tokens());
        assertEquals(plain.state().length(), text.state().length());
        assertArrayEquals(nextLogits(model, plain), nextLogits(model, text));
        ExitStatistics exits = loop.statistics().decoding().exits().orElseThrow();
        assertEquals(LAYERS, exits.layersPerToken());
        assertEquals(LAYERS, exits.meanExitLayer());
    }

    @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
    void alwaysLeavingChoosesBehindTheFirstLayerProbed(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int layer) {
        DecoderModel model = model(seed);
        int[] prompt = RandomModels.tokens(model, 5, new Random(seed));
        Decoding decoding = Decoding.earlyExit(Exit.always()).layers(layer).skippedLayers(SkippedLayers.PROPAGATED);
        GenerationLoop loop = loop(model, newText(model), options(seed, decoding), prompt);
        int tokens = run(loop).size();
        ExitStatistics exits = loop.statistics().decoding().exits().orElseThrow();
        assertEquals(Collections.nCopies(tokens - 1, layer), exits.exitLayers());
        assertEquals(layer, exits.layersPerToken());
        assertEquals(tokens - 1, exits.heads());
    }

    @Property(tries = 40, edgeCases = EdgeCasesMode.MIXIN)
    void theStateKeepsItsPromiseAndTheTraceTellsWhatHappened(
            @ForAll long seed,
            @ForAll @DoubleRange(min = 0, max = 0.3) double threshold,
            @ForAll SkippedLayers skippedLayers) {
        DecoderModel model = model(seed);
        int[] prompt = RandomModels.tokens(model, 4, new Random(seed));
        EvaluatedText text = newText(model);
        Exit exit = Exit.confidence(threshold);
        Decoding decoding = Decoding.earlyExit(exit).layers(1, 2, 4).skippedLayers(skippedLayers);
        GenerationLoop loop = loop(model, text, options(seed, decoding), prompt);
        run(loop);
        assertEquals(16, text.length());
        assertArrayEquals(freshLogits(model, text), nextLogits(model, text));
        ExitStatistics exits = loop.statistics().decoding().exits().orElseThrow();
        int chosen = exits.exitLayers().stream().mapToInt(Integer::intValue).sum();
        assertEquals(11, exits.exitLayers().size());
        if (skippedLayers == SkippedLayers.PROPAGATED) {
            assertEquals(chosen, exits.evaluatedLayers());
        } else {
            assertTrue(exits.evaluatedLayers() >= chosen && exits.evaluatedLayers() <= 11 * LAYERS);
            List<Integer> traced = ExitTrace.of(model, text.tokens(), 5, 1, 2, 4).stream()
                    .map(trace -> trace.layerAt(trace.leavesAt(exit)))
                    .collect(Collectors.toList());
            assertEquals(traced, exits.exitLayers());
        }
    }

    @Property(tries = 20)
    void stricterExitsLeaveLater(@ForAll long seed) {
        DecoderModel model = model(seed);
        List<int[]> texts = List.of(RandomModels.tokens(model, 20, new Random(seed)));
        ExitCalibration calibration = ExitCalibration.of(model, 1, 1, 2, 3, 4);
        for (List<Exit> exits : List.of(
                List.of(Exit.confidence(0), Exit.confidence(0.02), Exit.confidence(0.1), Exit.confidence(1)),
                List.of(Exit.entropy(9), Exit.entropy(3), Exit.entropy(2), Exit.entropy(0)),
                List.of(Exit.saturation(-1), Exit.saturation(0.5), Exit.saturation(0.9), Exit.saturation(1)),
                List.of(Exit.patience(1), Exit.patience(2), Exit.patience(3), Exit.patience(4), Exit.patience(5)),
                List.of(Exit.decayingConfidence(0, 4), Exit.decayingConfidence(0.5, 4), Exit.never()))) {
            List<ExitQuality> qualities = calibration.measure(texts, exits);
            double last = 0;
            for (ExitQuality quality : qualities) {
                assertTrue(quality.meanExitLayer() >= last, () -> qualities.toString());
                last = quality.meanExitLayer();
                assertEquals(19, quality.tokens());
            }
        }
        assertEquals(
                1, calibration.measure(texts, List.of(Exit.never())).getFirst().agreement());
    }

    @Test
    void whatIsMeasuredIsThatOfTheSoftmax() {
        FloatMatrix logits = new FloatMatrix(
                new float[] {(float) Math.log(0.2), (float) Math.log(0.5), (float) Math.log(0.3)}, 1, 3);
        float[] hidden = {1, 0, 2};
        ExitProbe first = new ExitProbe(2, 4, 0, 10, new float[] {1, 0, 2}, hidden, () -> logits, null);
        ExitProbe second = new ExitProbe(3, 4, 0, 10, new float[] {0, 5, 0}, hidden, () -> logits, first);
        assertEquals(0.2, first.confidence(), 1e-6);
        assertEquals(-0.2 * Math.log(0.2) - 0.5 * Math.log(0.5) - 0.3 * Math.log(0.3), first.entropy(), 1e-6);
        assertEquals(1, first.saturation(), 1e-12);
        assertEquals(0, second.saturation(), 1e-12);
        assertEquals(1, second.token());
        assertEquals(1, first.agreement());
        assertEquals(2, second.agreement());
        FloatMatrix sure = new FloatMatrix(new float[] {Float.NEGATIVE_INFINITY, 3}, 1, 2);
        ExitProbe certain = new ExitProbe(1, 4, 5, 10, hidden, hidden, () -> sure, null);
        assertEquals(1, certain.confidence());
        assertEquals(0, certain.entropy());
        assertEquals(Exit.Decision.EXIT, Exit.confidence(1).decide(certain));
        assertEquals(Exit.Decision.GO_ON, Exit.decayingConfidence(0.2, 4).decide(first));
        assertEquals(
                Exit.Decision.GO_ON,
                Exit.saturation(0.99).and(Exit.confidence(0.5)).decide(first));
        assertEquals(
                Exit.Decision.EXIT,
                Exit.saturation(0.99).and(Exit.confidence(0.1)).decide(first));
    }

    @Test
    void givingUpEndsTheGenerationWithATokenThatIsNotShown() {
        DecoderModel model = model(4);
        Exit exit = probe -> probe.index() == 3 ? Exit.Decision.GIVE_UP : Exit.Decision.GO_ON;
        EvaluatedText text = newText(model);
        GenerationLoop loop =
                loop(model, text, options(0, Decoding.earlyExit(exit).layers(2)).stopStrings(List.of("never")), 1, 2);
        List<Token> tokens = run(loop);
        assertEquals(Optional.of(FinishReason.GIVEN_UP), loop.finishReason());
        assertEquals(4, tokens.size());
        GenerationLoop plain = loop(
                model, newText(model), options(0, Decoding.autoregressive()).maxTokens(3), 1, 2);
        String shown = tokens.stream().map(Token::text).collect(Collectors.joining());
        assertEquals(run(plain).stream().map(Token::text).collect(Collectors.joining()), shown);
        assertEquals(6, text.length());
        assertArrayEquals(freshLogits(model, text), nextLogits(model, text));
    }

    @Test
    void refusesWhatItCannotDo() {
        ToyLanguageModel toy = new ToyLanguageModel(5, 10, ToyLanguageModel.Law.counting());
        EarlyExitDecoding decoding = Decoding.earlyExit(Exit.always());
        assertThrows(IllegalArgumentException.class, () -> decoding.check(toy, Sampler.greedy()));
        assertThrows(
                IllegalArgumentException.class, () -> decoding.layers(LAYERS).check(model(1), Sampler.greedy()));
        decoding.check(model(1), Sampler.greedy());
        assertThrows(IllegalArgumentException.class, () -> decoding.layers());
        assertThrows(IllegalArgumentException.class, () -> decoding.layers(2, 2));
        assertThrows(IllegalArgumentException.class, () -> decoding.layers(0));
        assertThrows(IllegalArgumentException.class, () -> Exit.confidence(1.1));
        assertThrows(IllegalArgumentException.class, () -> Exit.entropy(-1));
        assertThrows(IllegalArgumentException.class, () -> Exit.saturation(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Exit.patience(0));
    }
}
