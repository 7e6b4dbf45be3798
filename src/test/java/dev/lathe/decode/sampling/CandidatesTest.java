package dev.lathe.decode.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.decode.Distribution;
import dev.lathe.decode.Sampler;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
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

    /** Logits with ties, and as far apart as they are in models of large vocabularies. */
    private static float[] row(int count, Random random) {
        float[] row = new float[count];
        float spread = new float[] {0, 1, 5, 30}[random.nextInt(4)];
        for (int token = 0; token < count; token++) {
            row[token] = random.nextInt(3) == 0
                    ? Math.round(spread * (float) random.nextGaussian())
                    : spread * (float) random.nextGaussian();
        }
        return row;
    }

    private static double[] weights(float[] row, double temperature) {
        float largest = row[Logits.argmax(row, 0, row.length)];
        return IntStream.range(0, row.length)
                .mapToDouble(token -> StrictMath.exp(((double) row[token] - largest) / temperature))
                .toArray();
    }

    private static double sum(double[] numbers) {
        double sum = 0;
        for (double number : numbers) {
            sum += number;
        }
        return sum;
    }

    /** Estimates change nothing: shares that end a rounding beside a token's mass included. */
    @Property(tries = 500)
    void topPKeepsWhatAllExponentialsSay(@ForAll @IntRange(min = 1, max = 3000) int count, @ForAll long seed) {
        Random random = new Random(seed);
        float[] row = row(count, random);
        double[] weights = weights(row, 1);
        double total = sum(weights);
        int[] ranked = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparing(token -> -Selection.key(row[token], token)))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] masses = new double[count];
        double mass = 0;
        for (int rank = 0; rank < count; rank++) {
            mass += weights[ranked[rank]];
            masses[rank] = mass;
        }
        float beside = (float) (masses[random.nextInt(count)] / total);
        for (float share : new float[] {random.nextFloat(), beside, Math.nextUp(beside), Math.nextDown(beside)}) {
            if (share <= 0 || share >= 1) {
                continue;
            }
            int kept = 0;
            while (kept < count && (kept == 0 || masses[kept - 1] < share * total)) {
                kept++;
            }
            Distribution actual = Sampler.temperature(1).topP(share).distribution(new FloatMatrix(row, 1, count), 0);
            assertArrayEquals(
                    Arrays.stream(ranked, 0, kept)
                            .filter(token -> weights[token] > 0)
                            .sorted()
                            .toArray(),
                    IntStream.range(0, actual.size()).map(actual::token).toArray(),
                    () -> share + " of " + Arrays.toString(row));
        }
    }

    /** Estimates change nothing: numbers where one token ends and the next begins included. */
    @Property(tries = 500)
    void drawsWhatAllExponentialsSay(@ForAll @IntRange(min = 1, max = 3000) int count, @ForAll long seed) {
        Random random = new Random(seed);
        float[] row = row(count, random);
        float temperature = new float[] {0, Float.MIN_VALUE, 0.3f, 1, 2.5f}[random.nextInt(5)];
        FloatMatrix logits = new FloatMatrix(row, 1, count);
        Distribution exact = Sampler.temperature(temperature).distribution(logits, 0);
        double end = 0;
        for (int i = random.nextInt(exact.size()); i >= 0; i--) {
            end += exact.probabilityAt(i);
        }
        for (double uniform : new double[] {
            0,
            random.nextDouble(),
            end,
            Math.nextUp(end),
            Math.nextDown(end),
            end - 3e-8,
            end + 3e-8,
            Math.nextDown(1.0)
        }) {
            if (uniform >= 0 && uniform < 1) {
                assertEquals(
                        exact.draw(uniform),
                        Sampler.temperature(temperature).sample(logits, 0, uniform),
                        () -> uniform + " of " + Arrays.toString(row));
            }
        }
    }

    @Property(tries = 2000)
    void estimatesAreAsNearAsTheySay(@ForAll @DoubleRange(min = -60, max = 0) double x) {
        double exact = StrictMath.exp(x);
        assertEquals(exact, ExponentialEstimate.of(x), exact * ExponentialEstimate.ERROR / 4 + StrictMath.exp(-40));
        assertEquals(1, ExponentialEstimate.of(0));
        assertEquals(0, ExponentialEstimate.of(Double.NEGATIVE_INFINITY));
    }
}
