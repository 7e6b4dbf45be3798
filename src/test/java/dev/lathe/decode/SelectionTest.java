package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.lathe.model.CacheType;
import dev.lathe.tensor.FloatMatrix;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SelectionTest {
    @Property(tries = 200)
    void theLargestAreThoseOfASortedArray(
            @ForAll @IntRange(max = 300) int count, @ForAll @IntRange(max = 300) int most, @ForAll long seed) {
        int wanted = Math.min(count, most);
        long[] keys = new Random(seed).longs(count + 5).toArray();
        long[] sorted = Arrays.copyOf(keys, count);
        Arrays.sort(sorted);
        long[] expected = new long[wanted];
        Arrays.setAll(expected, i -> sorted[count - 1 - i]);
        assertArrayEquals(expected, Selection.largest(keys, count, wanted));
    }

    /** A token's own log-probability needs no ranking of the vocabulary. */
    @Test
    void aLogProbabilityWithoutAlternativesAllocatesNothingOfTheVocabularysSize() {
        int vocabularySize = 50_000;
        ToyLanguageModel model = new ToyLanguageModel(vocabularySize, 40, (path, row) -> row[3] = 1);
        EvaluatedText text = new EvaluatedText(model.newState(40, CacheType.F32), 16);
        FloatMatrix logits = text.evaluate(1);
        DecodingContext context = new DecodingContext(
                model, text, Sampler.greedy(), 5, 30, 0, () -> false, () -> 0, ConstrainedText.free());
        context.commit(3, logits, 0);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();
        context.commit(3, logits, 0);
        long allocated = thread.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < vocabularySize, allocated + " bytes for one log-probability");
    }
}
