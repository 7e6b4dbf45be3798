package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.NaiveSampler.Entry;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every step against its definition written down naively, and the laws that follow from it. */
class SamplerLawsTest {
    /** Logits of few distinct values have ties; some are impossible, never all. */
    @Provide
    Arbitrary<float[]> rows() {
        Arbitrary<Float> values = Arbitraries.oneOf(
                Arbitraries.floats().between(-8, 8),
                Arbitraries.of(-2f, -0f, 0f, 1f, 3f),
                Arbitraries.frequency(
                        net.jqwik.api.Tuple.of(1, Float.NEGATIVE_INFINITY), net.jqwik.api.Tuple.of(3, 2.5f)));
        return values.array(float[].class).ofMinSize(1).ofMaxSize(40).filter(row -> {
            for (float logit : row) {
                if (logit != Float.NEGATIVE_INFINITY) {
                    return true;
                }
            }
            return false;
        });
    }

    private static FloatMatrix matrix(float... row) {
        float[] data = new float[2 * row.length];
        Arrays.fill(data, 0, row.length, Float.NaN);
        System.arraycopy(row, 0, data, row.length, row.length);
        return new FloatMatrix(data, 2, row.length);
    }

    private static void assertLaw(List<Entry> expected, double temperature, Distribution law) {
        List<Entry> possible = expected.stream()
                .filter(entry -> NaiveSampler.probability(expected, entry, temperature) > 0)
                .toList();
        int[] tokens = possible.stream().mapToInt(Entry::token).sorted().toArray();
        assertEquals(
                Arrays.toString(tokens),
                Arrays.toString(IntStream.range(0, law.size()).map(law::token).toArray()));
        for (Entry entry : possible) {
            double probability = NaiveSampler.probability(expected, entry, temperature);
            assertEquals(probability, law.probability(entry.token()), 1e-12);
        }
    }

    @Property(tries = 300)
    void temperatureScalesTheLogits(
            @ForAll("rows") float[] row, @ForAll @FloatRange(min = 0.05f, max = 4) float temperature) {
        Distribution law = Sampler.temperature(temperature).distribution(matrix(row), 1);
        assertLaw(NaiveSampler.all(row), temperature, law);
    }

    @Property(tries = 300)
    void topKKeepsTheKBest(@ForAll("rows") float[] row, @ForAll @IntRange(min = 1, max = 45) int k) {
        Distribution law = Sampler.temperature(0.7f).topK(k).distribution(matrix(row), 1);
        assertLaw(NaiveSampler.topK(NaiveSampler.all(row), k), 0.7f, law);
    }

    @Property(tries = 300)
    void topPKeepsTheShortestPrefixOfItsMass(
            @ForAll("rows") float[] row, @ForAll @FloatRange(min = 0.01f, max = 0.99f) float p) {
        Distribution law = Sampler.temperature(1).topP(p).distribution(matrix(row), 1);
        List<Entry> all = NaiveSampler.all(row);
        assertLaw(NaiveSampler.topP(all, p), 1, law);

        double mass = 0;
        double least = 1;
        for (int i = 0; i < law.size(); i++) {
            double probability = NaiveSampler.probability(all, new Entry(law.token(i), row[law.token(i)]), 1);
            mass += probability;
            least = Math.min(least, probability);
        }
        assertTrue(mass >= p - 1e-12, "the mass kept reaches p");
        assertTrue(mass - least < p + 1e-12, "and would not without its least probable token");
    }

    @Property(tries = 300)
    void minPKeepsWhatIsProbableEnough(@ForAll("rows") float[] row, @ForAll @FloatRange(min = 0.01f, max = 1) float p) {
        Distribution law = Sampler.temperature(1).minP(p).distribution(matrix(row), 1);
        assertLaw(NaiveSampler.minP(NaiveSampler.all(row), p), 1, law);
    }

    @Property(tries = 300)
    void typicalKeepsWhatIsNearestToTheEntropy(
            @ForAll("rows") float[] row, @ForAll @FloatRange(min = 0.01f, max = 0.99f) float mass) {
        Distribution law = Sampler.temperature(1).typical(mass).distribution(matrix(row), 1);
        List<Entry> kept = NaiveSampler.typical(NaiveSampler.all(row), mass);
        double keptMass = 0;
        for (int i = 0; i < law.size(); i++) {
            keptMass += NaiveSampler.probability(NaiveSampler.all(row), new Entry(law.token(i), row[law.token(i)]), 1);
        }
        assertTrue(keptMass >= mass - 1e-9);
        assertEquals(kept.size(), law.size(), 1, "but for distances that differ by rounding alone");
    }

    /** Wherever no two distances and no mass are so close that rounding decides, the set is exactly that of the definition. */
    @Property(tries = 300)
    void typicalKeepsExactlyTheTokensOfItsDefinition(
            @ForAll @Size(min = 1, max = 40) List<@IntRange(min = -40, max = 40) Integer> steps,
            @ForAll @FloatRange(min = 0.01f, max = 0.99f) float mass) {
        float[] row = new float[steps.size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = steps.get(i) / 8f + i * 0.003f; // distinct
        }
        List<Entry> all = NaiveSampler.all(row);
        double[] probability = all.stream()
                .mapToDouble(entry -> NaiveSampler.probability(all, entry, 1))
                .toArray();
        double entropy = Arrays.stream(probability).map(p -> -p * Math.log(p)).sum();
        double[] distance = Arrays.stream(probability)
                .map(p -> Math.abs(-Math.log(p) - entropy))
                .toArray();
        Integer[] order = IntStream.range(0, row.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> distance[i]));
        double total = 0;
        int kept = 0;
        while (kept < order.length && total < mass) {
            total += probability[order[kept++]];
            Assume.that(Math.abs(total - mass) > 1e-9);
        }
        Assume.that(kept == order.length || distance[order[kept]] - distance[order[kept - 1]] > 1e-5);
        Distribution law = Sampler.temperature(1).typical(mass).distribution(matrix(row), 1);
        int[] expected = Arrays.stream(order, 0, kept)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
        int[] actual = IntStream.range(0, law.size()).map(law::token).toArray();
        assertEquals(Arrays.toString(expected), Arrays.toString(actual));
    }

    /** Probabilities 1/2, 1/4, 1/8, 1/8 have an entropy of 1.75 bits: 1/4 is nearest, then 1/2 (0.75) before 1/8 (1.25). */
    @ParameterizedTest
    @CsvSource({"0.2, [1]", "0.3, '[0, 1]'", "0.74, '[0, 1]'", "0.8, '[0, 1, 2]'", "0.9, '[0, 1, 2, 3]'"})
    void typicalByHand(float mass, String expected) {
        float ln2 = (float) Math.log(2);
        Distribution law = Sampler.temperature(1).typical(mass).distribution(matrix(2 * ln2, ln2, 0, 0), 1);
        int[] actual = IntStream.range(0, law.size()).map(law::token).toArray();
        assertEquals(expected, Arrays.toString(actual));
    }

    @Property(tries = 300)
    void theStepsRunInTheDocumentedOrder(
            @ForAll("rows") float[] row,
            @ForAll @IntRange(min = 1, max = 40) int k,
            @ForAll @FloatRange(min = 0.1f, max = 0.99f) float p,
            @ForAll @FloatRange(min = 0.01f, max = 0.5f) float minP) {
        Distribution law = Sampler.temperature(1.3f).minP(minP).topP(p).topK(k).distribution(matrix(row), 1);
        List<Entry> left = NaiveSampler.topK(NaiveSampler.all(row), k);
        left = NaiveSampler.minP(NaiveSampler.topP(left, p), minP);
        assertLaw(left, 1.3f, law);
    }

    @Property(tries = 300)
    void penaltiesAreThoseOfTheirDefinition(
            @ForAll("rows") float[] row,
            @ForAll int[] text,
            @ForAll @FloatRange(min = 0.5f, max = 2) float repetition,
            @ForAll @FloatRange(min = -1, max = 1) float frequency,
            @ForAll @IntRange(min = 1, max = 8) int window) {
        int[] tokens =
                Arrays.stream(text).map(t -> Math.floorMod(t, row.length)).toArray();
        int[] recent = Arrays.copyOfRange(tokens, Math.max(0, tokens.length - window), tokens.length);
        Distribution law = Sampler.temperature(1)
                .repetitionPenalty(repetition)
                .frequencyPenalty(frequency)
                .presencePenalty(0.25f)
                .penaltyWindow(window)
                .distribution(matrix(row), 1, tokens);
        float[] penalized = NaiveSampler.penalize(row, recent, repetition, frequency, 0.25f);
        assertLaw(NaiveSampler.all(penalized), 1, law);
    }

    @Property(tries = 200)
    void aPenaltyMakesItsTokenNoMoreProbable(
            @ForAll("rows") float[] row,
            @ForAll @IntRange(min = 0, max = 39) int chosen,
            @ForAll @FloatRange(min = 1, max = 3) float penalty) {
        int token = chosen % row.length;
        double before = Sampler.temperature(1).distribution(matrix(row), 1).probability(token);
        for (Sampler sampler : List.of(
                Sampler.temperature(1).repetitionPenalty(penalty),
                Sampler.temperature(1).frequencyPenalty(penalty),
                Sampler.temperature(1).presencePenalty(penalty))) {
            double once = sampler.distribution(matrix(row), 1, token).probability(token);
            double twice = sampler.distribution(matrix(row), 1, token, token).probability(token);
            assertTrue(once <= before + 1e-12);
            assertTrue(twice <= once + 1e-12);
        }
    }

    @Property(tries = 200)
    void renumberingTheTokensRenumbersTheLaw(@ForAll("rows") float[] row, @ForAll @LongRange(min = 0) long seed) {
        float[] distinct = new float[row.length];
        int[] renumbered = IntStream.range(0, row.length).toArray();
        for (int i = 0; i < row.length; i++) {
            distinct[i] = row[i] + i * 1e-4f; // generated floats are 0.01 apart
            int other = (int) (new Uniforms(seed).at(i) * (i + 1));
            renumbered[i] = renumbered[other];
            renumbered[other] = i;
        }
        Assume.that(haveNoTies(distinct)); // those go by their numbers
        float[] moved = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            moved[renumbered[i]] = distinct[i];
        }
        Sampler sampler = Sampler.temperature(0.8f).topK(20).topP(0.9f).minP(0.02f);
        Distribution law = sampler.distribution(matrix(distinct), 1);
        Distribution movedLaw = sampler.distribution(matrix(moved), 1);
        assertEquals(law.size(), movedLaw.size());
        for (int i = 0; i < row.length; i++) {
            assertEquals(law.probability(i), movedLaw.probability(renumbered[i]), 1e-12);
        }
    }

    private static boolean haveNoTies(float[] logits) {
        double[] possible = IntStream.range(0, logits.length)
                .mapToDouble(i -> logits[i])
                .filter(logit -> logit > Float.NEGATIVE_INFINITY)
                .toArray();
        return Arrays.stream(possible).distinct().count() == possible.length;
    }

    @Property(tries = 200)
    void samplingIsDrawingFromTheLaw(
            @ForAll("rows") float[] row, @ForAll @LongRange(min = 0) long seed, @ForAll boolean greedy) {
        double uniform = new Uniforms(seed).at(0);
        for (Sampler base : List.of(
                Sampler.temperature(greedy ? 0 : 0.9f),
                Sampler.temperature(greedy ? 0 : 0.9f).typical(0.6f))) {
            for (Sampler sampler : List.of(base, base.topP(0.8f), base.topK(3).repetitionPenalty(1.2f))) {
                int token = sampler.sample(matrix(row), 1, uniform, 0, 0);
                assertEquals(sampler.distribution(matrix(row), 1, 0, 0).draw(uniform), token);
            }
        }
    }

    @Property(tries = 60)
    void largeVocabulariesKeepTheSameTokens(
            @ForAll @LongRange(min = 0) long seed, @ForAll @FloatRange(min = 0.05f, max = 0.99f) float p) {
        float[] row = new float[20_000];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) Math.round(20 * new Uniforms(seed).at(i)) / 4;
        }
        Distribution topK = Sampler.temperature(1).topK(3000).distribution(matrix(row), 1);
        List<Entry> ordered = NaiveSampler.byLogit(NaiveSampler.all(row));
        assertEquals(3000, topK.size());
        assertTrue(ordered.subList(0, 3000).stream().allMatch(entry -> topK.probability(entry.token()) > 0));

        Distribution topP = Sampler.temperature(1).topP(p).distribution(matrix(row), 1);
        assertTrue(ordered.subList(0, topP.size()).stream().allMatch(entry -> topP.probability(entry.token()) > 0));
        double total =
                ordered.stream().mapToDouble(entry -> Math.exp(entry.logit())).sum();
        double mass = ordered.subList(0, topP.size()).stream()
                .mapToDouble(entry -> Math.exp(entry.logit()))
                .sum();
        double least = Math.exp(ordered.get(topP.size() - 1).logit());
        assertTrue(mass / total >= p - 1e-9 && (mass - least) / total < p + 1e-9);
    }
}
