package dev.lathe.decode.speculative;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.decode.Contexts;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.DecodingStatistics;
import dev.lathe.decode.Distribution;
import dev.lathe.decode.Draft;
import dev.lathe.decode.EvaluatedText;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.model.decoder.RandomModels;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Drafting strategies commit tokens of the model's law: chi-square tests of three tokens at once on toy pairs. */
@Slow
class DraftingLawTest {
    private static final int VOCABULARY = 4;
    private static final int TOKENS = 3;
    private static final int RUNS = 2500;
    private static final int CONTEXT = 1500;

    private long nanos;

    /** Laws of the model and of its draft; after token t, both are turned by t places. */
    private enum Pair {
        OPPOSITE(new double[] {0.1, 0.2, 0.3, 0.4}, new double[] {0.55, 0.25, 0.15, 0.05}),
        EQUAL(new double[] {0.1, 0.2, 0.3, 0.4}, new double[] {0.1, 0.2, 0.3, 0.4}),
        DISJOINT(new double[] {0.3, 0.7, 0, 0}, new double[] {0, 0, 0.4, 0.6}),
        ZEROS_IN_DRAFT(new double[] {0.25, 0.25, 0.4, 0.1}, new double[] {0.7, 0, 0.3, 0}),
        ZEROS_IN_MODEL(new double[] {0, 0.6, 0, 0.4}, new double[] {0.4, 0.3, 0.2, 0.1}),
        SURE_DRAFT(new double[] {0.4, 0.3, 0.2, 0.1}, new double[] {0, 1, 0, 0});

        final double[][] model = new double[VOCABULARY][VOCABULARY];
        final double[][] draft = new double[VOCABULARY][VOCABULARY];

        Pair(double[] modelLaw, double[] draftLaw) {
            for (int last = 0; last < VOCABULARY; last++) {
                for (int token = 0; token < VOCABULARY; token++) {
                    model[last][token] = modelLaw[(token + last) % VOCABULARY];
                    draft[last][token] = draftLaw[(token + last) % VOCABULARY];
                }
            }
        }

        ToyLanguageModel target() {
            return new ToyLanguageModel(VOCABULARY, CONTEXT, ToyLanguageModel.Law.bigram(model));
        }

        Draft drafts() {
            return Draft.model(new ToyLanguageModel(VOCABULARY, CONTEXT, ToyLanguageModel.Law.bigram(draft)));
        }
    }

    private static List<Decoding> strategies(Draft draft) {
        SpeculativeDecoding chain = Decoding.speculative(draft).verification(Verification.REJECTION_SAMPLING);
        RecursiveSpeculativeDecoding tree = Decoding.recursiveSpeculative(draft);
        return List.of(
                chain.draftLength(1),
                chain.draftLength(2),
                chain.draftLength(4),
                Decoding.speculative(draft),
                tree.branching(2),
                tree.branching(4),
                tree.branching(2, 2),
                tree.branching(3, 2, 1),
                tree.branching(1, 3),
                tree.branching(2, 2).verification(Verification.SAMPLER_MATCH),
                tree.beam(1, 3),
                tree.beam(2, 2),
                tree.beam(3, 3),
                tree.beam(8, 2),
                tree.beam(3, 2).verification(Verification.SAMPLER_MATCH),
                Decoding.specInfer(draft, 2),
                Decoding.specInfer(draft, 2, 2, 1),
                Decoding.recursiveSpeculative(Draft.ngram(1, 2)).branching(2, 1),
                Decoding.recursiveSpeculative(Draft.ngram(1, 2).orElse(draft)).branching(2, 2),
                tree.budget(1),
                tree.budget(3),
                tree.budget(7),
                tree.budget(5).verification(Verification.SAMPLER_MATCH),
                Decoding.recursiveSpeculative(Draft.ngram(1, 2).orElse(draft)).budget(4),
                Decoding.speculative(draft).adaptiveDraftLength(3),
                Decoding.auto(Draft.ngram(1, 2), draft));
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void committedTokensFollowTheModelsLaw(Pair pair) {
        for (Decoding strategy : strategies(pair.drafts())) {
            assertFollows(pair.model, Sampler.temperature(1), pair, strategy);
        }
    }

    @Test
    void committedTokensFollowTheSamplersLaw() {
        double[][] truncated = new double[VOCABULARY][VOCABULARY];
        for (int last = 0; last < VOCABULARY; last++) {
            for (int token = 0; token < VOCABULARY; token++) {
                double probability = Pair.OPPOSITE.model[last][token];
                truncated[last][token] = probability > 0.15 ? probability / 0.9 : 0;
            }
        }
        for (Decoding strategy : strategies(Pair.OPPOSITE.drafts())) {
            assertFollows(truncated, Sampler.temperature(1).topK(3), Pair.OPPOSITE, strategy);
        }
    }

    @Test
    void siblingsTestedInAnotherOrderAreNoticed() {
        Decoding sorted = reordering(
                Pair.OPPOSITE.drafts(),
                candidates -> candidates.sort(Comparator.comparing(TokenChooser.Candidate::logProbability)
                        .reversed()));
        assertTrue(chiSquare(Pair.OPPOSITE.model, Sampler.temperature(1), Pair.OPPOSITE, sorted) > 300);
    }

    /** In a beam too, whose order is that of the scores, and in a budget. */
    @Test
    void siblingsInAnotherOrderAreNoticedInEveryShape() {
        for (TreeShape shape : List.of(new TreeShape.Budget(3), new TreeShape.Beam(2, 2))) {
            Decoding sorted = reordering(Pair.OPPOSITE.drafts(), shape, candidates -> {
                candidates.replaceAll(drawn -> new TokenChooser.Candidate(
                        drawn.parent(), drawn.token(), drawn.logProbability(), drawn.logProbability()));
                candidates.sort(
                        Comparator.comparing(TokenChooser.Candidate::score).reversed());
            });
            assertTrue(chiSquare(Pair.OPPOSITE.model, Sampler.temperature(1), Pair.OPPOSITE, sorted) > 300);
        }
    }

    @Test
    void unlikelySiblingsLeftOutAreNoticed() {
        Decoding choosy = reordering(
                Pair.OPPOSITE.drafts(),
                candidates -> candidates.removeIf(candidate -> candidate.logProbability() < Math.log(0.2)));
        assertTrue(chiSquare(Pair.OPPOSITE.model, Sampler.temperature(1), Pair.OPPOSITE, choosy) > 300);
    }

    /** The one thing that a budget must not do: to draw a token where it is likely, and none where it is not. */
    @Test
    void tokensLeftOutForWhatTheyAreAreNoticedInEveryShape() {
        for (TreeShape shape : List.of(new TreeShape.Budget(3), new TreeShape.Beam(2, 2))) {
            Decoding choosy = reordering(
                    Pair.OPPOSITE.drafts(),
                    shape,
                    candidates -> candidates.removeIf(candidate -> candidate.token() == 3));
            assertTrue(chiSquare(Pair.OPPOSITE.model, Sampler.temperature(1), Pair.OPPOSITE, choosy) > 300);
        }
    }

    private static Decoding reordering(Draft draft, Consumer<List<TokenChooser.Candidate>> change) {
        return reordering(draft, new TreeShape.Branching(2), change);
    }

    /** RSD that changes the drawn candidates of a place, which it must not. */
    private static Decoding reordering(Draft draft, TreeShape shape, Consumer<List<TokenChooser.Candidate>> change) {
        return new Decoding() {
            @Override
            public String name() {
                return "reordering";
            }

            @Override
            public Run start(DecodingContext context) {
                TokenChooser drawn = new PerturbedTokens(context, new RandomNumbers(context.uniforms(1)));
                TokenChooser changed = (tree, node, from, logits, row, count) -> {
                    List<TokenChooser.Candidate> candidates =
                            new ArrayList<>(drawn.choose(tree, node, from, logits, row, count));
                    change.accept(candidates);
                    return candidates;
                };
                Verifier verifier = new RecursiveRejection(context, false, new RandomNumbers(context.uniforms(2)));
                TreeGrower grower = shape.grower(draft, context, changed);
                return new DraftingRun(name(), name(), context, grower, verifier);
            }
        };
    }

    /** A clock on which passes take times of their own, so that planners plan. */
    private LongSupplier ticking() {
        return () -> nanos += 1000 + (nanos * 31 >>> 3) % 5000;
    }

    private void assertFollows(double[][] law, Sampler sampler, Pair pair, Decoding strategy) {
        double chiSquare = chiSquare(law, sampler, pair, strategy);
        long cells = Stream.of(law)
                        .flatMapToDouble(Arrays::stream)
                        .filter(p -> p > 0)
                        .count()
                / VOCABULARY;
        double degrees = Math.pow(cells, TOKENS) - 1;
        assertTrue(
                chiSquare < quantile(degrees),
                () -> pair + " " + strategy + ": chi-square " + chiSquare + " of " + degrees + " degrees of freedom");
    }

    /** 99.99% quantile of the chi-square law (Wilson and Hilferty's approximation). */
    private static double quantile(double degrees) {
        double spread = 2 / (9 * degrees);
        return degrees * Math.pow(1 - spread + 3.719 * Math.sqrt(spread), 3);
    }

    /** Of the three tokens after the first, which is the prompt's own; infinite if something impossible happened. */
    private double chiSquare(double[][] law, Sampler sampler, Pair pair, Decoding strategy) {
        int[] counts = new int[VOCABULARY * VOCABULARY * VOCABULARY];
        ToyLanguageModel target = pair.target();
        for (int seed = 0; seed < RUNS; seed++) {
            EvaluatedText text = Contexts.text(target, 12, 2, 1, 1);
            DecodingContext context = Contexts.of(target, text, sampler, seed, 8, ticking());
            try (Decoding.Run run = strategy.start(context)) {
                while (context.length() < 3 + TOKENS) {
                    run.step();
                    assertEquals(context.length() - 1, text.state().length());
                }
            }
            counts[(context.token(3) * VOCABULARY + context.token(4)) * VOCABULARY + context.token(5)]++;
        }
        double chiSquare = 0;
        for (int first = 0, cell = 0; first < VOCABULARY; first++) {
            for (int second = 0; second < VOCABULARY; second++) {
                for (int third = 0; third < VOCABULARY; third++, cell++) {
                    double expected = RUNS * law[1][first] * law[first][second] * law[second][third];
                    if (expected > 0) {
                        chiSquare += (counts[cell] - expected) * (counts[cell] - expected) / expected;
                    } else if (counts[cell] > 0) {
                        return Double.POSITIVE_INFINITY;
                    }
                }
            }
        }
        return chiSquare;
    }

    /** A real decoder that drafts for itself in its own state: two tokens of its three likeliest each. */
    @Test
    void committedTokensOfSelfDraftsFollowTheModelsLaw() {
        DecoderModel model = RandomModels.ofLayers(4, 3, Workers.single(), KernelChoice.best());
        Sampler sampler = Sampler.temperature(1.5f).topK(3);
        int[] prompt = {1, 2, 3, 4};
        Draft draft = Draft.firstLayers(2);
        RecursiveSpeculativeDecoding tree = Decoding.recursiveSpeculative(draft);
        try (InferenceState state = model.newState(16, CacheType.F32)) {
            EvaluatedText text = new EvaluatedText(state, 8);
            Map<List<Integer>, Double> law = new HashMap<>();
            Distribution first = sampler.distribution(text.evaluate(prompt), 0);
            for (int i = 0; i < first.size(); i++) {
                int[] longer = {1, 2, 3, 4, first.token(i)};
                Distribution second = sampler.distribution(text.evaluate(longer), 0);
                for (int j = 0; j < second.size(); j++) {
                    law.put(List.of(first.token(i), second.token(j)), first.probabilityAt(i) * second.probabilityAt(j));
                }
            }
            assertEquals(9, law.size());
            for (Decoding strategy : List.of(
                    Decoding.speculative(draft).draftLength(2).verification(Verification.REJECTION_SAMPLING),
                    Decoding.speculative(Draft.skipping(SkippedParts.layers(1)))
                            .draftLength(1)
                            .verification(Verification.REJECTION_SAMPLING),
                    tree.branching(2, 2),
                    tree.beam(2, 2),
                    tree.budget(4),
                    Decoding.auto(draft))) {
                Map<List<Integer>, Integer> counts = new HashMap<>();
                for (int seed = 0; seed < RUNS; seed++) {
                    Contexts.begin(text, 1, 2, 3, 4);
                    DecodingContext context = Contexts.of(model, text, sampler, seed, 4, ticking());
                    try (Decoding.Run run = strategy.start(context)) {
                        while (context.length() < 6) {
                            run.step();
                        }
                    }
                    counts.merge(List.of(context.token(4), context.token(5)), 1, Integer::sum);
                }
                double chiSquare = 0;
                for (Map.Entry<List<Integer>, Double> cell : law.entrySet()) {
                    double expected = RUNS * cell.getValue();
                    double difference = counts.getOrDefault(cell.getKey(), 0) - expected;
                    chiSquare += difference * difference / expected;
                }
                assertEquals(law.keySet(), counts.keySet(), strategy.toString());
                assertTrue(chiSquare < quantile(8), strategy + ": chi-square " + chiSquare);
            }
        }
    }

    @Test
    void aDraftOfTheSameLawIsAlwaysAccepted() {
        for (Decoding strategy : strategies(Pair.EQUAL.drafts()).subList(0, 3)) {
            DecodingStatistics done = statistics(Pair.EQUAL, strategy);
            assertEquals(done.draftedTokens(), done.acceptedTokens(), strategy.toString());
        }
    }

    @Test
    void aDraftOfImpossibleTokensIsNeverAccepted() {
        for (Decoding strategy : strategies(Pair.DISJOINT.drafts()).subList(0, 16)) {
            assertEquals(0, statistics(Pair.DISJOINT, strategy).acceptedTokens(), strategy.toString());
        }
    }

    @Test
    void oneDraftIsAcceptedAsOftenAsTheLawsOverlap() {
        DecodingStatistics done = statistics(
                Pair.OPPOSITE,
                Decoding.speculative(Pair.OPPOSITE.drafts())
                        .verification(Verification.REJECTION_SAMPLING)
                        .draftLength(1));
        double overlap = 0.1 + 0.2 + 0.15 + 0.05;
        assertEquals(overlap, done.acceptanceRate(), 0.03);
        assertEquals(1 + overlap, done.blockEfficiency(), 0.03);
    }

    @Test
    void withoutReplacementAcceptsMoreThanWithIt() {
        Draft draft = Pair.OPPOSITE.drafts();
        double without = statistics(
                        Pair.OPPOSITE, Decoding.recursiveSpeculative(draft).branching(3))
                .blockEfficiency();
        double with = statistics(Pair.OPPOSITE, Decoding.specInfer(draft, 3)).blockEfficiency();
        assertTrue(without > with + 0.03, without + " and " + with);
        double all = statistics(
                        Pair.OPPOSITE, Decoding.recursiveSpeculative(draft).branching(4))
                .blockEfficiency();
        assertEquals(2, all, 1e-9);
    }

    /** Of a long text. */
    private static DecodingStatistics statistics(Pair pair, Decoding strategy) {
        ToyLanguageModel target = pair.target();
        EvaluatedText text = Contexts.text(target, CONTEXT, 1);
        DecodingContext context = Contexts.of(target, text, Sampler.temperature(1), 7, CONTEXT);
        try (Decoding.Run run = strategy.start(context)) {
            while (context.length() < CONTEXT - 20) {
                run.step();
            }
            return run.statistics();
        }
    }
}
