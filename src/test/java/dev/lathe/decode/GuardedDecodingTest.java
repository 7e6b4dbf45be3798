package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.guard.Guard;
import dev.lathe.decode.guard.GuardStatistics;
import dev.lathe.decode.guard.LengthBudget;
import dev.lathe.decode.guard.LoopDetection;
import dev.lathe.model.CacheType;
import dev.lathe.model.LanguageModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** A guard is a part of what is generated: no strategy changes it. */
class GuardedDecodingTest {
    private static final int VOCABULARY = 12;
    private static final int END = VOCABULARY - 1;

    private record Result(List<Token> tokens, FinishReason finish, Optional<GuardStatistics> noted) {}

    private static Result run(LanguageModel model, GenerationOptions options) {
        EvaluatedText text = new EvaluatedText(model.newState(400, CacheType.F32), 8);
        List<Token> tokens = new ArrayList<>();
        try (GenerationLoop loop = new GenerationLoop(
                model, text, new int[] {1, 2, 3}, options, ToyText.letters(VOCABULARY), System::nanoTime)) {
            for (var token = loop.next(); token.isPresent(); token = loop.next()) {
                tokens.add(token.get());
            }
            return new Result(
                    tokens, loop.finishReason().orElseThrow(), loop.statistics().guard());
        }
    }

    private static ToyLanguageModel model(long seed, float end) {
        ToyLanguageModel.Law law = ToyLanguageModel.Law.hashed(3, 2, seed);
        return new ToyLanguageModel(VOCABULARY, 400, (path, row) -> {
            law.logits(path, row);
            row[END] = end;
        });
    }

    private static GenerationOptions options(long seed, boolean greedy) {
        return GenerationOptions.DEFAULT
                .sampler(greedy ? Sampler.greedy() : Sampler.temperature(1).seed(seed))
                .logProbabilities(0);
    }

    @Property(tries = 40)
    void everyExactStrategyEndsAtTheSameToken(
            @ForAll long seed,
            @ForAll boolean greedy,
            @ForAll @IntRange(max = 12) int soft,
            @ForAll @IntRange(min = 1, max = 12) int ramp,
            @ForAll @IntRange(max = 30) int steepness) {
        ToyLanguageModel model = model(seed, -6);
        Guard guard = Guard.NONE
                .lengthBudget(new LengthBudget(soft, soft + ramp, steepness))
                .loopDetection(new LoopDetection(5, 2, 3, 0, 1))
                .observing();
        Result plain = run(model, options(seed, greedy).guard(guard));
        assertTrue(plain.tokens.size() <= soft + ramp);
        for (Decoding decoding : Strategies.exact(model)) {
            assertEquals(plain, run(model, options(seed, greedy).guard(guard).decoding(decoding)), decoding::toString);
        }
    }

    @Property(tries = 40)
    void tokensBeforeTheRampAreThoseWithoutABudget(
            @ForAll long seed, @ForAll boolean greedy, @ForAll @IntRange(max = 30) int soft) {
        ToyLanguageModel model = model(seed, 0);
        List<Token> free = run(model, options(seed, greedy).maxTokens(soft + 1)).tokens;
        Guard guard = Guard.NONE.lengthBudget(LengthBudget.of(soft, soft + 10));
        List<Token> guarded = run(model, options(seed, greedy).guard(guard)).tokens;
        int same = Math.min(soft + 1, free.size());
        assertEquals(ids(free).subList(0, same), ids(guarded).subList(0, same));
    }

    private static List<Integer> ids(List<Token> tokens) {
        return tokens.stream().map(Token::id).toList();
    }

    @Test
    void theRampLetsTheModelFindAnEndAndTheLimitCutsWhatHasNone() {
        for (Decoding decoding : Strategies.all(model(3, -9))) {
            GenerationOptions options = options(3, false).decoding(decoding);
            Result ramp = run(model(3, -9), options.guard(Guard.NONE.lengthBudget(LengthBudget.of(10, 60))));
            assertEquals(FinishReason.END_OF_TEXT, ramp.finish, decoding::toString);
            assertTrue(ramp.tokens.size() > 10 && ramp.tokens.size() < 60, decoding::toString);
            Result cut = run(model(3, -90), options.guard(Guard.NONE.lengthBudget(new LengthBudget(10, 60, 0))));
            assertEquals(FinishReason.LENGTH_BUDGET, cut.finish, decoding::toString);
            assertEquals(60, cut.tokens.size());
        }
    }

    @Test
    void aLoopEndsWhereItIsFoundUnderEveryStrategy() {
        ToyLanguageModel loops = new ToyLanguageModel(VOCABULARY, 400, (path, row) -> {
            Arrays.fill(row, 0);
            row[path.length < 20 ? path.length % 9 : path.length % 5] = 60;
        });
        Guard guard = Guard.NONE.loopDetection(LoopDetection.DEFAULT);
        for (Decoding decoding : Strategies.all(loops)) {
            Result result = run(loops, options(1, true).guard(guard).decoding(decoding));
            assertEquals(FinishReason.LOOP, result.finish, decoding::toString);
            assertEquals(17 + 64, result.tokens.size(), decoding::toString);
        }
    }

    @Test
    void theEndsProbabilityAndTheEntropyAreTheModels() {
        ToyLanguageModel uniform = new ToyLanguageModel(VOCABULARY, 400, (path, row) -> Arrays.fill(row, 3));
        Guard guard = Guard.NONE.observing();
        Result result = run(uniform, options(1, true).maxTokens(5).guard(guard));
        GuardStatistics noted = result.noted.orElseThrow();
        assertEquals(-Math.log(VOCABULARY), noted.endLogProbability(), 1e-9);
        assertEquals(Math.log(VOCABULARY), noted.entropy(), 1e-9);
        assertFalse(noted.isUnusual());
        assertEquals(Optional.empty(), run(uniform, options(1, true).maxTokens(5)).noted);
    }
}
