package dev.lathe.lab.scale;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ScaleTest {
    private static final double[] SIZES = {1e6, 2e6, 4e6, 8e6, 16e6, 32e6, 64e6};

    @Property(tries = 100)
    void anExactLawIsRecovered(
            @ForAll @DoubleRange(min = 0, max = 3) double irreducible,
            @ForAll @DoubleRange(min = 0.1, max = 1.5) double exponent) {
        double scale = Math.pow(1e6, exponent); // a loss of 1 at the first size
        double[] losses = Arrays.stream(SIZES)
                .map(x -> irreducible + scale * Math.pow(x, -exponent))
                .toArray();
        PowerLaw law = PowerLaw.fit(SIZES, losses);

        assertEquals(irreducible, law.irreducible().value(), 1e-3);
        assertEquals(exponent, law.exponent().value(), 1e-3);
        assertEquals(irreducible + scale * Math.pow(1e9, -exponent), law.at(1e9), 1e-3);
    }

    @Test
    void intervalsCoverInSimulation() {
        Random random = new Random(6);
        int irreducible = 0;
        int exponent = 0;
        for (int run = 0; run < 500; run++) {
            double[] losses = Arrays.stream(SIZES)
                    .map(x -> 1.5 + Math.pow(x / 1e6, -0.7) + 0.005 * random.nextGaussian())
                    .toArray();
            PowerLaw law = PowerLaw.fit(SIZES, losses);
            irreducible += law.irreducible().covers(1.5) ? 1 : 0;
            exponent += law.exponent().covers(0.7) ? 1 : 0;
        }
        assertEquals(0.95, irreducible / 500.0, 0.04);
        assertEquals(0.95, exponent / 500.0, 0.04);
    }

    @Test
    void tooFewPointsFitNothing() {
        assertThrows(IllegalArgumentException.class, () -> PowerLaw.fit(new double[] {1, 2, 3}, 1, 2, 3));
        assertThrows(IllegalArgumentException.class, () -> PowerLaw.fit(new double[] {1, 1, 2, 2}, 1, 1, 2, 2));
        assertThrows(IllegalArgumentException.class, () -> PowerLaw.fit(new double[] {0, 1, 2, 3}, 1, 1, 2, 2));
    }

    @Property(tries = 30)
    void sketchesAgreeAsMuchAsTheTextsShare(@ForAll @IntRange(max = 100) int shared, @ForAll long seed) {
        Random random = new Random(seed);
        List<String> a = words(random, 100);
        List<String> b = new ArrayList<>(a.subList(0, shared));
        b.addAll(words(random, 100 - shared));
        MinHash hash = new MinHash(400, 1);
        double jaccard = shared / (200.0 - shared);
        double similarity = MinHash.similarity(hash.sketch(String.join(" ", a)), hash.sketch(String.join("  ", b)));

        assertEquals(jaccard, similarity, 0.16); // further off once in 400 million times, by Hoeffding's bound
    }

    private static List<String> words(Random random, int count) {
        return random.longs(count).mapToObj(Long::toString).collect(Collectors.toList());
    }

    @Test
    void equalTextsHaveEqualSketchesAndShortOnesHaveOne() {
        MinHash hash = new MinHash(8, 5);
        assertArrayEquals(hash.sketch("a b c"), hash.sketch(" a\nb  c "));
        assertEquals(0, MinHash.similarity(hash.sketch("a"), hash.sketch("b")));
        assertEquals(8, hash.sketch("").length);
        assertThrows(IllegalArgumentException.class, () -> new MinHash(0, 1));
    }

    @Test
    void aPipelineFiltersDropsDuplicatesMixesAndReports() {
        String text = "one two three four five six seven eight nine ten";
        String repetitive = "x\nx\nx\nx\nx\ny of a text that says the same";
        TextPipeline pipeline = TextPipeline.of(List.of(text, text + " ", "tiny", repetitive, "z".repeat(50)))
                .keepLengths(10, 60)
                .dropRepetitive(0.5)
                .dropDuplicates(0.7);

        assertEquals(List.of(text, "z".repeat(50)), pipeline.texts());
        assertEquals(
                List.of("5", "4", "3", "2"),
                pipeline.report().rows().stream().map(row -> row.get(1)).toList());
        TextPipeline other = TextPipeline.of(List.of("a", "b", "c", "d"));
        List<String> mixed = pipeline.mix(other, 0.5, 1).texts();
        assertEquals(4, mixed.size());
        assertTrue(mixed.containsAll(pipeline.texts()));
        assertEquals(mixed, pipeline.mix(other, 0.5, 1).texts());
        assertEquals(2, other.sample(2, 5).texts().size());
        assertThrows(IllegalArgumentException.class, () -> pipeline.mix(other, 1, 1));
    }
}
