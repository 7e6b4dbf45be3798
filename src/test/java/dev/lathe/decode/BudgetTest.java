package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.exit.Exit;
import dev.lathe.decode.exit.SkippedLayers;
import dev.lathe.model.CacheType;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.model.decoder.RandomModels;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Texts that would never end, in every strategy. */
class BudgetTest {
    private static final int VOCABULARY = 12;
    private final ToyLanguageModel endless = new ToyLanguageModel(VOCABULARY, 100_000, (path, row) -> {
        Arrays.fill(row, 0);
        row[path.length % 5] = 9;
    });
    private final DecoderModel layered = RandomModels.ofLayersInOneBasis(4, 6, Workers.single(), KernelChoice.best());
    private long ticks;

    private List<Token> run(LanguageModel model, GenerationOptions options, FinishReason expected) {
        ticks = 0;
        EvaluatedText text = new EvaluatedText(model.newState(900, CacheType.F32), 4);
        List<Token> tokens = new ArrayList<>();
        ToyText letters = ToyText.letters(model.vocabularySize() + 1);
        try (GenerationLoop loop =
                new GenerationLoop(model, text, new int[] {1, 2, 3}, options, letters, () -> ticks++ * 1_000_000)) {
            for (var token = loop.next(); token.isPresent(); token = loop.next()) {
                tokens.add(token.get());
            }
            assertEquals(Optional.of(expected), loop.finishReason(), options.decoding()::toString);
            if (expected == FinishReason.ENERGY_LIMIT) {
                assertTrue(loop.statistics().joules().orElseThrow() >= 5);
            }
        }
        assertEquals(3 + tokens.size(), text.length());
        return tokens;
    }

    private static List<Decoding> layeredStrategies() {
        return List.of(
                Decoding.earlyExit(Exit.confidence(0.05)).layers(1, 3),
                Decoding.earlyExit(Exit.always()).layers(2).skippedLayers(SkippedLayers.PROPAGATED),
                Decoding.speculative(Draft.firstLayers(2)),
                Decoding.recursiveSpeculative(Draft.skipping(SkippedParts.layers(2))));
    }

    @Test
    void everyStrategyKeepsItsTokensItsTimeAndItsEnergy() {
        Sampler sampler = Sampler.temperature(1).seed(3);
        for (boolean greedy : new boolean[] {true, false}) {
            record Case(LanguageModel model, Decoding decoding) {}
            List<Case> cases = Stream.concat(
                            Strategies.all(endless).stream().map(decoding -> new Case(endless, decoding)),
                            layeredStrategies().stream().map(decoding -> new Case(layered, decoding)))
                    .toList();
            for (Case each : cases) {
                GenerationOptions options =
                        GenerationOptions.DEFAULT.decoding(each.decoding).sampler(greedy ? Sampler.greedy() : sampler);
                assertEquals(
                        17,
                        run(each.model, options.maxTokens(17), FinishReason.MAX_TOKENS)
                                .size());
                int timed = run(each.model, options.timeLimit(Duration.ofMillis(60)), FinishReason.TIME_LIMIT)
                        .size();
                assertTrue(timed > 0 && timed < 400, () -> each + " went on for " + timed);
                double[] joules = {0};
                int powered = run(
                                each.model,
                                options.energyLimit(new EnergyLimit(5, () -> joules[0] += 0.25)),
                                FinishReason.ENERGY_LIMIT)
                        .size();
                assertTrue(powered > 0 && powered < 400, () -> each + " went on for " + powered);
            }
        }
    }

    /** What is delivered until the context is full, or until it is cancelled after so many tokens. */
    private static List<Token> runIn(int capacity, LanguageModel model, Decoding decoding, int cancelAfter) {
        EvaluatedText text = new EvaluatedText(model.newState(capacity, CacheType.F32), 4);
        GenerationOptions options = GenerationOptions.DEFAULT.decoding(decoding).maxTokens(10_000);
        ToyText letters = ToyText.letters(model.vocabularySize() + 1);
        List<Token> tokens = new ArrayList<>();
        try (GenerationLoop loop =
                new GenerationLoop(model, text, new int[] {1, 2, 3}, options, letters, System::nanoTime)) {
            for (var token = loop.next(); token.isPresent(); token = loop.next()) {
                tokens.add(token.get());
                if (tokens.size() == cancelAfter) {
                    loop.cancel();
                }
            }
            FinishReason expected = cancelAfter > 0 ? FinishReason.CANCELLED : FinishReason.CONTEXT_FULL;
            assertEquals(Optional.of(expected), loop.finishReason(), decoding::toString);
        }
        assertEquals(3 + tokens.size(), text.length(), decoding::toString);
        int held =
                decoding.name().contains("exit") ? 3 : text.length() - 1; // approximate keys and values are forgotten
        assertTrue(text.state().length() >= held && text.state().length() < text.length(), decoding::toString);
        return tokens;
    }

    @Test
    void everyStrategyEndsAtTheSameTokenWhenCancelledOrWhenTheContextIsFull() {
        List<Token> plain = runIn(40, endless, Decoding.autoregressive(), 0);
        assertEquals(38, plain.size());
        for (Decoding decoding : Strategies.all(endless)) {
            assertEquals(plain, runIn(40, endless, decoding, 0), decoding::toString);
            assertEquals(plain.subList(0, 7), runIn(40, endless, decoding, 7), decoding::toString);
        }
        for (Decoding decoding : layeredStrategies()) {
            assertEquals(38, runIn(40, layered, decoding, 0).size(), decoding::toString);
            assertEquals(7, runIn(40, layered, decoding, 7).size(), decoding::toString);
        }
    }

    @Test
    void theEnergyLimitEndsALongPrompt() {
        double[] joules = {0};
        GenerationOptions options = GenerationOptions.DEFAULT.energyLimit(new EnergyLimit(2, () -> joules[0]++));
        EvaluatedText text = new EvaluatedText(endless.newState(100, CacheType.F32), 4);
        GenerationLoop loop =
                new GenerationLoop(endless, text, new int[40], options, ToyText.letters(VOCABULARY), System::nanoTime);
        assertEquals(Optional.empty(), loop.next());
        assertEquals(Optional.of(FinishReason.ENERGY_LIMIT), loop.finishReason());
        assertEquals(4, text.length());
        assertTrue(loop.statistics().joules().orElseThrow() >= 2);
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> new EnergyLimit(0, () -> 0));
        assertThrows(IllegalArgumentException.class, () -> new EnergyLimit(Double.NaN, () -> 0));
        assertThrows(NullPointerException.class, () -> new EnergyLimit(1, null));
    }
}
