package dev.lathe.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.GenerationResult;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.Slow;
import dev.lathe.ToyEngines;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.decode.ToyLanguageModel.Law;
import dev.lathe.serve.EngineOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SearchTest {
    private static final int PROMPT = 1;
    private static final int LINES = 3;

    /** Three lines of a letter each, a, b or c as it comes; then the end. */
    private static final Law TREE = (path, row) -> {
        Arrays.fill(row, Float.NEGATIVE_INFINITY);
        int generated = path.length - PROMPT;
        if (generated == 2 * LINES) {
            row[ToyEngines.END] = 0;
        } else if (generated % 2 == 1) {
            row[ToyEngines.LINE] = 0;
        } else {
            Arrays.fill(row, 0, 3, 0);
            row[0] = 0.1f;
        }
    };

    private static Engine engine(Law law) {
        return ToyEngines.engine(ToyEngines.toy(200, law), EngineOptions.DEFAULT);
    }

    private static Search search(Engine engine, long seed) {
        return Search.of(engine, 5)
                .sampler(Sampler.temperature(1).seed(seed))
                .step("\n", 10)
                .maxTokens(50);
    }

    private static double leaf(String leaf) {
        return new Random(leaf.hashCode() * 77L).nextDouble();
    }

    /** What the best leaf below a beginning is worth. */
    private static double value(String beginning) {
        return beginning.length() >= 2 * LINES
                ? leaf(beginning)
                : List.of("a\n", "b\n", "c\n").stream()
                        .mapToDouble(line -> value(beginning + line))
                        .max()
                        .orElseThrow();
    }

    @Property(tries = 10)
    void aWideBeamWithAnExactScorerFindsTheBestLeaf(@ForAll long seed) {
        try (Engine engine = engine(TREE)) {
            Search search = search(engine, seed).scorer(Scorer.verifier(SearchTest::value));
            SearchResult found = search.run(SearchStrategy.beam(60, 20));
            assertEquals(value(""), found.best().orElseThrow().score());
            assertTrue(found.best().orElseThrow().isComplete());
            assertEquals(LINES + 1, found.best().orElseThrow().steps().size(), "the end is a step of its own");
            SearchResult ahead = search.run(SearchStrategy.lookahead(60, 20, 0));
            assertEquals(found.best(), ahead.best());
        }
    }

    @Test
    void lookingAheadScoresWhatACandidateLeadsTo() {
        Law greedyA = (path, row) -> {
            TREE.logits(path, row);
            row[0] += path.length == PROMPT ? 0 : 3;
        };
        try (Engine engine = engine(greedyA)) {
            Scorer knowsLeavesAlone = candidate ->
                    candidate.text().length() < 2 * LINES ? 0 : candidate.text().startsWith("c\na\na") ? 1 : 0.1;
            Search search = search(engine, 3).scorer(knowsLeavesAlone);
            SearchResult found = search.run(SearchStrategy.lookahead(20, 20, LINES));
            assertEquals("c\na\na\n", found.best().orElseThrow().text());
        }
    }

    @Test
    void drawsAreTheSamplesOfASession() {
        Law law = Law.hashed(3, 2, 9);
        Model model = ToyEngines.model(200, law);
        try (Engine engine = model.engine();
                Session session = model.newSession()) {
            Sampler sampler = Sampler.temperature(1).seed(4);
            SearchResult found = Search.of(engine, 5)
                    .sampler(sampler)
                    .maxTokens(30)
                    .stop("q")
                    .scorer(candidate -> 1)
                    .run(SearchStrategy.bestOf(9));
            List<GenerationResult> samples = session.generate(5)
                    .sampler(sampler)
                    .maxTokens(30)
                    .stop("q")
                    .samples(9)
                    .results();
            assertEquals(
                    samples.stream().map(GenerationResult::text).toList(),
                    found.candidates().stream().map(Candidate::text).toList());
            assertEquals(
                    samples.stream()
                            .map(GenerationResult::tokens)
                            .map(SearchTest::ids)
                            .toList(),
                    found.candidates().stream()
                            .map(Candidate::tokens)
                            .map(SearchTest::ids)
                            .toList());
        }
    }

    private static List<Integer> ids(List<Token> tokens) {
        return tokens.stream().map(Token::id).toList();
    }

    private static List<SearchStrategy> strategies() {
        return List.of(
                SearchStrategy.bestOf(7),
                SearchStrategy.beam(8, 4),
                SearchStrategy.lookahead(4, 2, 2),
                SearchStrategy.revise(2, 3, Reviser.weakestStep()),
                SearchStrategy.revise(1, 3, Reviser.prompt(answers -> "again" + answers.size())),
                new ByDifficulty(2, Map.of(0.5, SearchStrategy.bestOf(3), 1.0, SearchStrategy.beam(4, 2))));
    }

    /** Whatever else the engine does, and however little there is to spend. */
    @Property(tries = 30)
    @Slow
    void noStrategyExceedsItsBudgetAndEachGivesTheSameAgain(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 300) int budget) {
        ToyLanguageModel toy = ToyEngines.toy(200, Law.hashed(3, 2, seed));
        try (Engine engine = ToyEngines.engine(toy, EngineOptions.DEFAULT.texts(5))) {
            for (SearchStrategy strategy : strategies()) {
                AtomicLong told = new AtomicLong();
                Search search = search(engine, seed).budget(budget);
                Answer other = engine.generate(9).maxTokens(40).submit();
                SearchResult found = search.listener(new SearchListener() {
                            @Override
                            public void token(int draw, Token token) {
                                told.incrementAndGet();
                            }
                        })
                        .run(strategy);
                assertEquals(told.get(), found.statistics().tokens(), strategy::toString);
                assertTrue(told.get() <= budget, () -> strategy + " took " + told);
                assertTrue(found.best().isPresent(), strategy::toString);
                SearchResult again = search.run(strategy);
                assertEquals(texts(found), texts(again), strategy::toString);
                assertEquals(
                        found.best().orElseThrow().score(),
                        again.best().orElseThrow().score());
                other.result();
            }
        }
    }

    private static List<String> texts(SearchResult result) {
        List<String> texts = new ArrayList<>(
                result.candidates().stream().map(Candidate::text).toList());
        texts.add(result.best().orElseThrow().text());
        return texts;
    }

    @Property(tries = 30)
    void theAnswerWithTheLargestSumWinsInAnyOrder(@ForAll long seed) {
        try (Engine engine = engine(TREE)) {
            Search search = search(engine, seed)
                    .answer(text -> text.substring(0, 1))
                    .scorer(candidate -> 0.1 + leaf(candidate.text()));
            List<Candidate> drawn =
                    new ArrayList<>(search.run(SearchStrategy.bestOf(12)).candidates());
            double[] sums = new double[3];
            drawn.forEach(candidate -> sums[candidate.text().charAt(0) - 'a'] += candidate.score());
            char best = (char) ('a' + (sums[0] >= Math.max(sums[1], sums[2]) ? 0 : sums[1] >= sums[2] ? 1 : 2));
            for (int i = 0; i < 3; i++) {
                Candidate winner = search.run(run -> List.copyOf(drawn)).best().orElseThrow();
                assertEquals(best, winner.text().charAt(0));
                assertTrue(drawn.stream()
                        .filter(candidate -> candidate.text().charAt(0) == best)
                        .allMatch(candidate -> candidate.score() <= winner.score()));
                Collections.shuffle(drawn, new Random(seed + i));
            }
            List<Candidate> one = drawn.subList(0, 1);
            assertEquals(one.getFirst(), search.run(run -> one).best().orElseThrow());
        }
    }

    @Test
    void repeatedSamplingEndsAtTheFirstSuccess() {
        ToyLanguageModel toy = ToyEngines.toy(200, TREE);
        try (Engine engine = ToyEngines.engine(toy, EngineOptions.DEFAULT.texts(4))) {
            Search search = search(engine, 8);
            List<Candidate> all = search.run(SearchStrategy.bestOf(200)).candidates();
            String wanted = all.get(40).text();
            int first = all.stream().map(Candidate::text).toList().indexOf(wanted);
            SearchResult found = search.success(wanted::equals).run(SearchStrategy.bestOf(200));
            assertTrue(found.isSuccess());
            assertEquals(wanted, found.best().orElseThrow().text());
            assertEquals(first + 1, found.candidates().size());
            assertTrue(found.statistics().tokens() < 200 * 7, "those behind it are cancelled: " + found.statistics());
            assertFalse(
                    search.success(text -> false).run(SearchStrategy.bestOf(5)).isSuccess());
        }
    }

    @Test
    void aSearchThatIsCancelledTellsWhatItFound() {
        Law endless = (path, row) -> {
            Arrays.fill(row, Float.NEGATIVE_INFINITY);
            Arrays.fill(row, 0, 3, 0);
        };
        ToyLanguageModel toy = ToyEngines.toy(100_000, endless);
        try (Engine engine = ToyEngines.engine(toy, EngineOptions.DEFAULT.texts(2))) {
            RunningSearch running =
                    Search.of(engine, 5).maxTokens(90_000).budget(1_000_000).start(SearchStrategy.bestOf(5));
            while (toy.passes() < 20) {
                Thread.onSpinWait();
            }
            running.cancel();
            SearchResult found = running.result();
            assertTrue(running.hasEnded() && found.statistics().tokens() > 0);
            assertFalse(found.candidates().stream().anyMatch(Candidate::isComplete));
            assertEquals(0, engine.statistics().running() + engine.statistics().waiting());
        }
    }

    @Test
    void theWeakestStepIsDrawnAnew() {
        Law unsureOfTheSecond = (path, row) -> {
            TREE.logits(path, row);
            if (path.length == PROMPT || path.length == PROMPT + 4) {
                row[0] = 9;
            }
        };
        try (Engine engine = engine(unsureOfTheSecond)) {
            List<Candidate> chain = search(engine, 3)
                    .run(SearchStrategy.revise(1, 6, Reviser.weakestStep()))
                    .candidates();
            assertEquals(6, chain.size());
            assertTrue(chain.stream().allMatch(answer -> answer.text().matches("a\n[abc]\na\n")), chain::toString);
            assertTrue(chain.stream().map(Candidate::text).distinct().count() > 1);
        }
    }

    @Test
    void aPolicyTakesWhatWasBestForQuestionsLikeThis() {
        SearchStrategy first = SearchStrategy.bestOf(2);
        SearchStrategy second = SearchStrategy.beam(4, 2);
        List<ByDifficulty.Trial> trials = new ArrayList<>();
        for (int question = 0; question < 10; question++) {
            double difficulty = question / 10.0;
            trials.add(new ByDifficulty.Trial(difficulty, first, difficulty < 0.5 ? 1 : 0));
            trials.add(new ByDifficulty.Trial(difficulty, second, 0.5));
        }
        ByDifficulty policy = ByDifficulty.fit(2, 2, trials);
        assertEquals(first, policy.strategy(0));
        assertEquals(first, policy.strategy(0.4));
        assertEquals(second, policy.strategy(0.6));
        assertEquals(second, policy.strategy(1));
        try (Engine engine = engine(TREE)) {
            Search easy = search(engine, 1).scorer(candidate -> 1);
            assertEquals(2 + 2, easy.run(policy).candidates().size());
            assertEquals(0, easy.run(SearchStrategy.bestOf(2)).difficulty());
            assertTrue(search(engine, 1)
                            .scorer(candidate -> 0)
                            .run(policy)
                            .candidates()
                            .size()
                    > 4);
        }
    }

    @Test
    void aRewardModelScoresTheLastStep() {
        Law readsMarks = (path, row) -> {
            Arrays.fill(row, -9);
            row['y' - 'a'] = path[path.length - 2] == 0 ? 2 : 0;
            row['n' - 'a'] = path[path.length - 2] == 0 ? 0 : 2;
        };
        try (Model reward = ToyEngines.model(200, readsMarks);
                ProcessRewardModel scorer = new ProcessRewardModel(reward, "z", "y", "n");
                Engine engine = engine(TREE)) {
            Search search = search(engine, 1).step("\n", 1).scorer(scorer);
            SearchResult found = search.run(SearchStrategy.beam(12, 4));
            found.candidates().stream()
                    .filter(candidate -> !candidate.isComplete())
                    .forEach(candidate -> assertTrue(candidate.score() > 0));
            Candidate good = search.run(run -> run.extend(List.of(run.beginning()), 9, SearchRun.Extent.STEP))
                    .best()
                    .orElseThrow();
            assertEquals("a", good.text());
            assertEquals(1 / (1 + Math.exp(-2)), good.score(), 1e-12);
            assertThrows(IllegalArgumentException.class, () -> new ProcessRewardModel(reward, "z", "yes", "n"));
        }
    }

    @Test
    void whatFailsEndsTheSearchAndLeavesNothing() {
        try (Engine engine = engine(TREE)) {
            Search search = search(engine, 1);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> search.scorer(candidate -> Double.NaN).run(SearchStrategy.bestOf(3)));
            assertThrows(
                    UnsupportedOperationException.class,
                    () -> search.success(text -> {
                                throw new UnsupportedOperationException();
                            })
                            .run(SearchStrategy.bestOf(30)));
            engine.drain();
            assertEquals(0, engine.statistics().running() + engine.statistics().waiting());
            assertThrows(IllegalArgumentException.class, () -> search.sampler(Sampler.greedy()));
            assertThrows(IllegalArgumentException.class, () -> search.step("", 3));
            assertThrows(IllegalArgumentException.class, () -> search.budget(0));
            assertThrows(IllegalArgumentException.class, () -> SearchStrategy.beam(4, 5));
            assertThrows(IllegalArgumentException.class, () -> SearchStrategy.bestOf(0));
        }
    }
}
