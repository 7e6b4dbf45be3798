package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.lathe.decode.guard.GuardedText;
import dev.lathe.model.CacheType;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.lang.management.ManagementFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class DecodingContextTest {
    private final ToyLanguageModel model = new ToyLanguageModel(6, 40, ToyLanguageModel.Law.hashed(3, 2, 8));
    private final FloatMatrix logits = new FloatMatrix(new float[] {1, 2, -1, 0.5f, 2, 1}, 1, 6);

    private DecodingContext context(Sampler sampler, int maxTokens, int... prompt) {
        EvaluatedText text = new EvaluatedText(model.newState(40, CacheType.F32), 16);
        text.evaluate(prompt);
        return Contexts.of(model, text, sampler, 5, maxTokens);
    }

    @Test
    void tokenNumberIIsDrawnWithNumberI() {
        Sampler sampler = Sampler.temperature(2);
        DecodingContext context = context(sampler, 30, 3, 3, 3);
        for (int i = 0; i < 30; i++) {
            assertEquals(sampler.sample(logits, 0, new Uniforms(5).at(i)), context.commit(logits, 0));
        }
    }

    @Property(tries = 200)
    void theLawAfterAPathIsTheLawOnceThePathIsCommitted(
            @ForAll @Size(max = 5) int[] path, @ForAll @IntRange(min = 1, max = 6) int window) {
        for (int i = 0; i < path.length; i++) {
            path[i] = Math.floorMod(path[i], 6);
        }
        Sampler sampler = Sampler.temperature(1).frequencyPenalty(0.3f).penaltyWindow(window);
        DecodingContext drafted = context(sampler, 30, 0, 1, 1);
        DecodingContext committed = context(sampler, 30, 0, 1, 1);
        for (int token : path) {
            committed.commit(token, logits, 0);
        }
        Distribution law = committed.distribution(logits, 0);
        Distribution ahead = drafted.distribution(logits, 0, path);
        Distribution whole = sampler.distribution(logits, 0, committed.tokens());
        for (int token = 0; token < 6; token++) {
            assertEquals(law.probability(token), ahead.probability(token));
            assertEquals(whole.probability(token), ahead.probability(token));
        }
        assertEquals(3, drafted.length());
    }

    @Test
    void whatRemainsIsBoundedByTheMaximumAndTheRoom() {
        DecodingContext few = context(Sampler.greedy(), 3, 0, 1);
        few.commit(2, logits, 0);
        assertEquals(2, few.remaining());
        assertEquals(2, few.pendingToken());
        DecodingContext many = context(Sampler.greedy(), 1000, 0, 1);
        assertEquals(39, many.remaining());
        many.commit(2, logits, 0);
        many.state().forward(TokenBatch.noLogits(2));
        many.commit(3, logits, 0);
        assertEquals(37, many.remaining());
        assertEquals(40 - many.state().length(), many.remaining());
    }

    @Test
    void ownNumbersOfAStrategyAreApartFromThoseThatCommit() {
        DecodingContext context = context(Sampler.temperature(1), 5, 0);
        assertNotEquals(new Uniforms(5), context.uniforms(0));
        assertNotEquals(context.uniforms(1), context.uniforms(0));
        assertArrayEquals(new int[] {0}, context.tokens());
    }

    /** A token's own log-probability needs no ranking of the vocabulary. */
    @Test
    void aLogProbabilityWithoutAlternativesAllocatesNothingOfTheVocabularysSize() {
        int vocabularySize = 50_000;
        ToyLanguageModel model = new ToyLanguageModel(vocabularySize, 40, (path, row) -> row[3] = 1);
        EvaluatedText text = new EvaluatedText(model.newState(40, CacheType.F32), 16);
        FloatMatrix logits = text.evaluate(1);
        DecodingContext context = new DecodingContext(
                model,
                text,
                Sampler.greedy(),
                5,
                30,
                0,
                () -> false,
                () -> 0,
                ConstrainedText.free(),
                GuardedText.free());
        context.commit(3, logits, 0);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();
        context.commit(3, logits, 0);
        long allocated = thread.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < vocabularySize, allocated + " bytes for one log-probability");
    }
}
