package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.sampling.Logits;
import dev.lathe.model.CacheType;
import dev.lathe.model.LanguageModel;
import dev.lathe.tensor.FloatMatrix;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DraftTest {
    private static final int VOCABULARY = 10;

    private static DecodingContext context(int... text) {
        ToyLanguageModel model = new ToyLanguageModel(VOCABULARY, 100, ToyLanguageModel.Law.counting());
        EvaluatedText held = new EvaluatedText(model.newState(100, CacheType.F32), 8);
        held.evaluate(text, () -> false, () -> false, (done, all) -> {});
        return Contexts.of(model, held, Sampler.greedy(), 1, 50);
    }

    private static float[] ngrams(Draft draft, int... text) {
        DecodingContext context = context(text);
        return draft.start(context)
                .predict(new DraftTree(context.pendingToken()), 0)
                .row(0);
    }

    @Test
    void nGramsWeighPlacesByWhatIsTheSameAndHowRecentTheyAre() {
        float[] logits = ngrams(Draft.ngram(1, 2), 1, 2, 3, 1, 2, 4, 5, 2, 6, 1, 2);
        assertEquals(Math.log(2), logits[4], 1e-6, "two tokens are the same");
        assertEquals(Math.log(1), logits[3], 1e-6, "two are, earlier");
        assertEquals(Math.log(1), logits[6], 1e-6, "one is");
        assertEquals(Float.NEGATIVE_INFINITY, logits[5]);
        logits = ngrams(Draft.ngram(2, 2), 1, 2, 3, 1, 2, 4, 5, 2, 6, 1, 2);
        assertEquals(Math.log(1), logits[4], 1e-6);
        assertEquals(Math.log(0.5), logits[3], 1e-6);
        assertEquals(Float.NEGATIVE_INFINITY, logits[6], "one token is the same there, not two");
        logits = ngrams(Draft.ngram(1, 1), 1, 2, 3, 1, 2, 4, 5, 2, 6, 1, 2);
        assertEquals(Math.log(1), logits[6], 1e-6);
        assertEquals(Math.log(0.25), logits[3], 1e-6);
        logits = ngrams(Draft.ngram(1, 2), 1, 2, 3, 2, 4, 2);
        assertTrue(Logits.nonePossible(new FloatMatrix(logits, 1, VOCABULARY), 0), "one token, and two followed it");
        logits = ngrams(Draft.ngram(1, 2), 1, 2, 3, 9, 2);
        assertEquals(0, logits[3], "one token, and the same followed it");
        logits = ngrams(Draft.ngram(1, 3), 7, 1, 7, 1, 7, 1, 7);
        assertEquals(Math.log(4 + 2 + 1), logits[1], 1e-6, "of one token all places count");
    }

    @Test
    void nGramsPredictNothingWithoutAMatch() {
        assertTrue(Logits.nonePossible(new FloatMatrix(ngrams(Draft.ngram(2, 3), 1, 2, 3, 2, 4), 1, VOCABULARY), 0));
        assertTrue(Logits.nonePossible(new FloatMatrix(ngrams(Draft.ngram(1, 1), 5), 1, VOCABULARY), 0));
        assertThrows(IllegalArgumentException.class, () -> Draft.ngram(0, 2));
        assertThrows(IllegalArgumentException.class, () -> Draft.ngram(3, 2));
        assertThrows(IllegalArgumentException.class, () -> Draft.ngram(1, 65));
    }

    /** Without a draft, verification by rejection would choose another token than the text has alone. */
    @Test
    void aStepWhoseDraftIsCancelledInItsPromptCommitsNothing() {
        ToyLanguageModel.Law law = ToyLanguageModel.Law.hashed(2, 2, 3);
        ToyLanguageModel model = new ToyLanguageModel(VOCABULARY, 100, law);
        ToyLanguageModel draft = new ToyLanguageModel(VOCABULARY, 100, ToyLanguageModel.Law.hashed(2, 2, 4));
        GenerationLoop loop = new GenerationLoop(
                model,
                new EvaluatedText(model.newState(100, CacheType.F32), 4),
                new int[] {1, 2, 3, 4, 5, 6, 7, 8, 1, 2},
                GenerationOptions.DEFAULT
                        .decoding(Decoding.specInfer(Draft.model(draft), 2, 2))
                        .sampler(Sampler.temperature(1).seed(1)),
                ToyText.letters(VOCABULARY + 1),
                System::nanoTime);
        draft.beforePass(loop::cancel);
        assertTrue(loop.next().isPresent());
        assertTrue(loop.next().isEmpty());
        assertEquals(Optional.of(FinishReason.CANCELLED), loop.finishReason());
        assertEquals(1, draft.passes());
    }

    @Test
    void nGramsGoOnAlongAPath() {
        DecodingContext context = context(1, 2, 3, 4, 9, 1, 2);
        DraftTree tree = new DraftTree(2);
        Draft.Run run = Draft.ngram(2, 3).start(context);
        assertEquals(0, run.predict(tree, 0).get(0, 3));
        int node = tree.draw(0, 3);
        assertEquals(Math.log(2), run.predict(tree, node).get(0, 4), 1e-6);
        assertEquals(0, run.passes());
    }

    @Test
    void theOtherDraftFillsInWhereTheFirstPredictsNothing() {
        DecodingContext context = context(1, 2, 3, 4, 9, 1, 2);
        Draft both = Draft.ngram(2, 2).orElse(Draft.model(context.model()));
        DraftTree tree = new DraftTree(2);
        Draft.Run run = both.start(context);
        assertEquals(0, run.predict(tree, 0).get(0, 3));
        int known = tree.draw(0, 3);
        int unknown = tree.draw(0, 7);
        FloatMatrix logits = run.predict(tree, known, unknown);
        assertEquals(0, logits.get(0, 4));
        assertEquals(50, logits.get(1, 8));
        assertEquals("n-gram, else model", both.name());
    }

    /** Whatever was drafted and committed in between, a draft predicts as if it had read the text from the start. */
    @Property(tries = 100)
    void aModelFollowsTheText(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int width) {
        ToyLanguageModel model = new ToyLanguageModel(VOCABULARY, 100, ToyLanguageModel.Law.hashed(5, 2, seed));
        DecodingContext context = context(1, 2, 3);
        Draft.Run run = Draft.model(model).start(context);
        Uniforms random = new Uniforms(seed);
        int index = 0;
        FloatMatrix any = FloatMatrix.zeros(1, VOCABULARY);
        for (int step = 0; step < 8; step++) {
            DraftTree tree = new DraftTree(context.pendingToken());
            int[] nodes = {0};
            int last = 0;
            for (int level = 0; level < (int) (4 * random.at(index)); level++) {
                FloatMatrix logits = run.predict(tree, nodes);
                for (int i = 0; i < nodes.length; i++) {
                    assertArrayEquals(expected(model, context, tree.path(nodes[i])), logits.row(i));
                }
                int before = tree.size();
                for (int child = 0; child < width; child++) {
                    int parent = nodes[(int) (nodes.length * random.at(++index))];
                    tree.draw(parent, (int) (VOCABULARY * random.at(++index)));
                }
                nodes = tree.nodes(before);
                last = nodes[0];
            }
            for (int token : tree.path(last)) {
                context.commit(token, any, 0);
            }
            context.commit((int) (VOCABULARY * random.at(++index)), any, 0);
            index++;
        }
        run.close();
    }

    private static float[] expected(ToyLanguageModel model, DecodingContext context, int[] path) {
        int[] text = java.util.Arrays.copyOf(context.tokens(), context.length() + path.length);
        System.arraycopy(path, 0, text, context.length(), path.length);
        return new EvaluatedText(model.newState(100, CacheType.F32), 100)
                .evaluate(text)
                .row(0);
    }

    @Test
    void anotherVocabularyIsRefusedAtOnce() {
        LanguageModel target = new ToyLanguageModel(VOCABULARY, 50, ToyLanguageModel.Law.counting());
        Draft larger = Draft.model(new ToyLanguageModel(VOCABULARY + 1, 50, ToyLanguageModel.Law.counting()));
        for (Decoding strategy : List.of(
                Decoding.speculative(larger),
                Decoding.speculative(Draft.ngram().orElse(larger)),
                Decoding.recursiveSpeculative(larger),
                Decoding.specInfer(larger, 2),
                Decoding.auto(Draft.ngram(), larger))) {
            GenerationOptions options = GenerationOptions.DEFAULT.decoding(strategy);
            EvaluatedText text = new EvaluatedText(target.newState(50, CacheType.F32), 8);
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> new GenerationLoop(
                                    target, text, new int[] {1}, options, ToyText.letters(VOCABULARY), () -> 0))
                    .getMessage();
            assertTrue(message.contains("11 tokens, the model's 10"), message);
        }
    }

    @Test
    void wrongShapesAreRefused() {
        Draft draft = Draft.ngram();
        assertThrows(
                IllegalArgumentException.class,
                () -> Decoding.speculative(draft).draftLength(0));
        assertThrows(
                IllegalArgumentException.class,
                () -> Decoding.recursiveSpeculative(draft).branching());
        assertThrows(
                IllegalArgumentException.class,
                () -> Decoding.recursiveSpeculative(draft).branching(2, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> Decoding.recursiveSpeculative(draft).beam(0, 2));
        assertThrows(
                IllegalArgumentException.class,
                () -> Decoding.recursiveSpeculative(draft).budget(0));
        assertThrows(IllegalArgumentException.class, () -> Decoding.specInfer(draft));
    }
}
