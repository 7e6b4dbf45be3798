package dev.lathe.decode;

import dev.lathe.decode.speculative.Verification;
import dev.lathe.model.LanguageModel;
import java.util.ArrayList;
import java.util.List;

/** All strategies, with good and bad drafts. */
final class Strategies {
    private Strategies() {}

    /** Drafts for a model: a perfect one, useless ones, and compositions. */
    static List<Draft> drafts(LanguageModel model) {
        int vocabulary = model.vocabularySize();
        Draft wrong = Draft.model(
                new ToyLanguageModel(vocabulary, model.contextLength(), ToyLanguageModel.Law.hashed(2, 3, 99)));
        return List.of(
                Draft.model(model),
                wrong,
                Draft.model(new ToyLanguageModel(vocabulary, 9, ToyLanguageModel.Law.counting())),
                Draft.ngram(),
                Draft.ngram(1, 2).orElse(wrong));
    }

    /** Strategies that commit exactly the tokens of plain decoding. */
    static List<Decoding> exact(LanguageModel model) {
        List<Decoding> strategies = new ArrayList<>();
        for (Draft draft : drafts(model)) {
            strategies.add(Decoding.speculative(draft));
            strategies.add(Decoding.speculative(draft).draftLength(1));
            strategies.add(Decoding.speculative(draft).adaptiveDraftLength(5));
            strategies.add(Decoding.auto(draft));
            strategies.add(Decoding.auto(Draft.ngram(), draft));
            strategies.add(
                    Decoding.recursiveSpeculative(draft).branching(3, 2, 1).verification(Verification.SAMPLER_MATCH));
            strategies.add(Decoding.recursiveSpeculative(draft).beam(3, 3).verification(Verification.SAMPLER_MATCH));
            strategies.add(Decoding.recursiveSpeculative(draft).budget(6).verification(Verification.SAMPLER_MATCH));
        }
        strategies.add(new BlockDecoding(3, false, false));
        strategies.add(new BlockDecoding(4, true, true));
        strategies.add(new BlockDecoding(0, true, false));
        return strategies;
    }

    /** Strategies that commit other tokens when sampling, of the same law. */
    static List<Decoding> sameLaw(LanguageModel model) {
        List<Decoding> strategies = new ArrayList<>();
        for (Draft draft : drafts(model)) {
            strategies.add(Decoding.speculative(draft).verification(Verification.REJECTION_SAMPLING));
            strategies.add(Decoding.recursiveSpeculative(draft).branching(3, 2, 1));
            strategies.add(Decoding.recursiveSpeculative(draft).beam(3, 3));
            strategies.add(Decoding.recursiveSpeculative(draft).budget(5));
            strategies.add(Decoding.specInfer(draft, 3, 2, 1));
        }
        return strategies;
    }

    /** Every strategy there is. */
    static List<Decoding> all(LanguageModel model) {
        List<Decoding> strategies = new ArrayList<>();
        strategies.add(Decoding.autoregressive());
        strategies.addAll(exact(model));
        strategies.addAll(sameLaw(model));
        return strategies;
    }
}
