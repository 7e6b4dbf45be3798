package dev.lathe.decode.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.lathe.decode.Distribution;
import dev.lathe.decode.Sampler;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class CandidatesTest {
    /** What min-p keeps is what the exponentials themselves say, also for logits a rounding beside the limit. */
    @Property(tries = 500)
    void minPKeepsWhatTheExponentialsSay(@ForAll @IntRange(min = 1, max = 200) int count, @ForAll long seed) {
        Random random = new Random(seed);
        float share = (float) StrictMath.exp(-50 * random.nextDouble());
        float[] row = new float[count];
        float largest = (float) random.nextGaussian() * 20;
        for (int token = 0; token < count; token++) {
            float atLimit = (float) (largest + StrictMath.log(share));
            row[token] = switch (random.nextInt(4)) {
                case 0 -> atLimit;
                case 1 -> Math.nextUp(atLimit);
                case 2 -> Math.nextDown(atLimit);
                default -> largest - random.nextFloat() * 60;
            };
        }
        row[random.nextInt(count)] = largest;
        float most = row[Logits.argmax(row, 0, count)];
        int[] expected = IntStream.range(0, count)
                .filter(token -> StrictMath.exp((double) row[token] - most) >= share)
                .toArray();
        Distribution kept = Sampler.temperature(1).minP(share).distribution(new FloatMatrix(row, 1, count), 0);
        assertArrayEquals(
                expected, IntStream.range(0, kept.size()).map(kept::token).toArray(), () -> Arrays.toString(row));
    }
}
