package dev.lathe.text;

import dev.lathe.gguf.StringArray;
import dev.lathe.huggingface.tokenizer.TextFrame;
import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.huggingface.tokenizer.WordPieceRules;
import java.util.Arrays;
import java.util.List;

/** Makes a tokenizer of what a {@code tokenizer.json} says. */
final class TokenizerJsonLoader {
    private TokenizerJsonLoader() {}

    static Tokenizer load(TokenizerJson json, int size) {
        Vocabulary vocabulary = Vocabulary.of(json.pieces().toArray(String[]::new), json.types())
                .padded(size);
        SubwordModel model =
                switch (json.kind()) {
                    case BPE -> bpe(json, vocabulary);
                    case UNIGRAM -> unigram(json, vocabulary);
                    case WORD_PIECE -> wordPiece(json, vocabulary);
                };
        TextFrame frame = json.frame();
        int bos = json.role("bos")
                .orElse(
                        frame.before().isEmpty()
                                ? SpecialTokens.NONE
                                : frame.before().getFirst());
        SpecialTokens special = SpecialTokens.of(
                vocabulary,
                bos,
                json.role("eos").orElse(SpecialTokens.NONE),
                json.unknown().orElse(SpecialTokens.NONE),
                tokens(frame.before()),
                tokens(frame.after()));
        boolean beginsOnce = json.preTokenizers().stream()
                .anyMatch(step -> step.findText("prepend_scheme").orElse("").equals("first"));
        return new SubwordTokenizer(
                vocabulary, special, model, json.takingSpaceAfter(), json.takingSpaceBefore(), beginsOnce);
    }

    private static int[] tokens(List<Integer> tokens) {
        return tokens.stream().mapToInt(token -> token).toArray();
    }

    private static SubwordModel bpe(TokenizerJson json, Vocabulary vocabulary) {
        MergeTable merges = MergeTable.of(StringArray.of(json.merges()), vocabulary);
        JsonPipeline pipeline = JsonPipeline.of(json);
        PreTokenization preTokenization =
                new PreTokenization(pipeline.normalizer(), pipeline.steps(), json.takesWholeWords());
        if (pipeline.byteLevel()) {
            return new ByteLevelModel(vocabulary, merges, preTokenization);
        }
        return new CharacterBpeModel(
                vocabulary,
                merges,
                preTokenization,
                pipeline.prefixesSpace(),
                json.spellsBytes(),
                json.unknown().orElse(-1),
                json.fusesUnknown(),
                _ -> preTokenization.takesWholeWords());
    }

    private static SubwordModel unigram(TokenizerJson json, Vocabulary vocabulary) {
        JsonPipeline pipeline = JsonPipeline.of(json);
        if (pipeline.byteLevel()) {
            throw JsonPipeline.unsupported("a Unigram model over bytes");
        }
        return new UnigramModel(
                vocabulary,
                Arrays.copyOf(json.scores(), vocabulary.size()),
                json.unknown().orElseThrow(),
                new PreTokenization(pipeline.normalizer(), pipeline.steps(), false),
                pipeline.prefixesSpace(),
                json.spellsBytes() ? vocabulary.byteTokens() : null);
    }

    private static SubwordModel wordPiece(TokenizerJson json, Vocabulary vocabulary) {
        WordPieceRules rules = json.wordPieces().orElseThrow();
        return new WordPieceModel(
                vocabulary,
                json.unknown().orElseThrow(),
                rules.lowercases(),
                rules.stripsAccents(),
                rules.longestWord());
    }
}
