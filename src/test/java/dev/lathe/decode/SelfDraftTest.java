package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.decode.guard.GuardedText;
import dev.lathe.decode.sampling.Logits;
import dev.lathe.decode.speculative.Verification;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.model.decoder.RandomModels;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

@OnEveryKernelSet
class SelfDraftTest {
    private static DecoderModel model(long seed) {
        return RandomModels.ofLayers(4, seed, Workers.single(), KernelChoice.best());
    }

    private static Draft draft(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> Draft.firstLayers(random.nextInt(1, 4));
            case 1 -> Draft.skipping(SkippedParts.layers(random.nextInt(4), random.nextInt(4)));
            default -> Draft.skipping(new SkippedParts(Set.of(random.nextInt(4)), Set.of(random.nextInt(4))));
        };
    }

    @Property(tries = 30)
    void verifyingGivesTheBitsOfAPlainPassWhateverWasDrafted(@ForAll long seed) {
        DecoderModel model = model(seed);
        Random random = new Random(seed);
        EvaluatedText text = new EvaluatedText(model.newState(200, CacheType.F32), 8);
        FloatMatrix first = text.evaluate(RandomModels.tokens(model, 6, random));
        DecodingContext context = new DecodingContext(
                model,
                text,
                Sampler.greedy(),
                0,
                100,
                -1,
                () -> false,
                System::nanoTime,
                ConstrainedText.free(),
                GuardedText.free());
        context.commit(first, 0);
        Draft.Run run = draft(random).start(context);
        for (int step = 0; step < 5; step++) {
            DraftTree tree = new DraftTree(context.pendingToken());
            int[] level = {0};
            for (int depth = random.nextInt(4); depth > 0; depth--) {
                FloatMatrix logits = run.predict(tree, level);
                assertEquals(level.length, logits.rows());
                int before = tree.size();
                for (int row = 0; row < level.length; row++) {
                    tree.draw(level[row], Logits.argmax(logits.data(), logits.offset(row), logits.columns()));
                    if (random.nextBoolean()) {
                        tree.draw(level[row], random.nextInt(model.vocabularySize()));
                    }
                }
                int from = before + random.nextInt(tree.size() - before);
                level = IntStream.range(from, tree.size()).toArray();
            }
            FloatMatrix verified = run.verify(context.state(), tree);
            try (InferenceState plain = model.newState(200, CacheType.F32)) {
                EvaluatedText same = new EvaluatedText(plain, 50);
                int[] tokens = context.tokens();
                for (int node = 0; node < tree.size(); node++) {
                    int[] path = IntStream.concat(IntStream.of(tokens), IntStream.of(tree.path(node)))
                            .toArray();
                    assertArrayEquals(same.evaluate(path).row(0), verified.row(node));
                }
            }
            int node = random.nextInt(tree.size());
            int[] rows = new int[tree.depth(node) + 1];
            for (int at = node, i = rows.length - 1; i >= 0; at = tree.parent(at)) {
                rows[i--] = at;
            }
            for (int row : rows) {
                if (row > 0) {
                    context.commit(tree.token(row), verified, 0);
                }
            }
            context.commit(verified, node);
            context.state().keep(rows);
            assertEquals(context.length() - 1, context.state().length());
        }
        assertTrue(run.rows() >= run.passes());
        run.close();
    }

    @Property(tries = 25)
    void selfSpeculationIsPlainDecodingToTheBit(@ForAll long seed) {
        DecoderModel model = model(seed);
        Random random = new Random(seed);
        int[] prompt = RandomModels.tokens(model, random.nextInt(1, 12), random);
        Sampler sampler = random.nextBoolean()
                ? Sampler.greedy()
                : Sampler.temperature(0.7f).topK(20).repetitionPenalty(1.1f).seed(seed);
        GenerationOptions options = GenerationOptions.DEFAULT
                .sampler(sampler)
                .maxTokens(random.nextInt(1, 25))
                .logProbabilities(2);
        EvaluatedText plain = new EvaluatedText(model.newState(40, CacheType.F32), 8);
        List<Token> expected = run(model, plain, options, prompt);
        Draft draft = draft(random);
        for (Decoding decoding : List.of(
                Decoding.speculative(draft).draftLength(random.nextInt(1, 6)),
                Decoding.speculative(Draft.ngram(1, 3).orElse(draft)),
                Decoding.recursiveSpeculative(draft).branching(2, 2, 1).verification(Verification.SAMPLER_MATCH),
                Decoding.recursiveSpeculative(draft).beam(3, 2).verification(Verification.SAMPLER_MATCH),
                Decoding.recursiveSpeculative(draft).budget(5).verification(Verification.SAMPLER_MATCH))) {
            EvaluatedText text = new EvaluatedText(model.newState(40, CacheType.F32), 8);
            assertEquals(expected, run(model, text, options.decoding(decoding), prompt), decoding::toString);
            assertArrayEquals(plain.tokens(), text.tokens());
            assertArrayEquals(
                    plain.evaluate(plain.tokens()).row(0),
                    text.evaluate(text.tokens()).row(0));
        }
    }

    private static List<Token> run(DecoderModel model, EvaluatedText text, GenerationOptions options, int... prompt) {
        List<Token> tokens = new ArrayList<>();
        try (GenerationLoop loop = new GenerationLoop(
                model, text, prompt, options, ToyText.letters(model.vocabularySize()), System::nanoTime)) {
            for (var token = loop.next(); token.isPresent(); token = loop.next()) {
                tokens.add(token.get());
            }
        }
        return tokens;
    }

    @Test
    void refusesModelsThatCannotLeaveLayersOut() {
        ToyLanguageModel toy = new ToyLanguageModel(5, 10, ToyLanguageModel.Law.counting());
        assertThrows(IllegalArgumentException.class, () -> Draft.firstLayers(1).check(toy));
        DecoderModel model = model(1);
        for (Draft wrong :
                List.of(Draft.firstLayers(0), Draft.firstLayers(4), Draft.skipping(SkippedParts.layers(4)))) {
            assertThrows(IllegalArgumentException.class, () -> wrong.check(model));
        }
        Draft.firstLayers(3).check(model);
        Draft first = Draft.firstLayers(2);
        assertSame(first, first.orElse(Draft.model(toy)), "it always predicts something");
    }
}
