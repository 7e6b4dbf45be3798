package dev.lathe.lab.evaluate;

import dev.lathe.gguf.Metadata;
import dev.lathe.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The three tokens by which a model is asked for the middle of a text: before it the text's beginning and its end.
 * Models know them only if they were trained so.
 *
 * <p>Bavarian et al.: Efficient Training of Language Models to Fill in the Middle, 2022, arXiv:2207.14255, section 3
 * (the order prefix, suffix, middle).
 *
 * @param prefix token before the beginning
 * @param suffix token before the end
 * @param middle token after which the model writes
 */
public record FillInMiddle(int prefix, int suffix, int middle) {
    private static final List<List<String>> KEYS = List.of(
            List.of(
                    "tokenizer.ggml.fim_pre_token_id",
                    "tokenizer.ggml.fim_suf_token_id",
                    "tokenizer.ggml.fim_mid_token_id"),
            List.of(
                    "tokenizer.ggml.prefix_token_id",
                    "tokenizer.ggml.suffix_token_id",
                    "tokenizer.ggml.middle_token_id"));

    private static final List<List<String>> PIECES = List.of(
            List.of("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
            List.of("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
            List.of("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
            List.of("<\uFF5Cfim\u2581begin\uFF5C>", "<\uFF5Cfim\u2581hole\uFF5C>", "<\uFF5Cfim\u2581end\uFF5C>"),
            List.of("\u2581<PRE>", "\u2581<SUF>", "\u2581<MID>"));

    /** The tokens that the metadata name, or that have a well-known name; empty if there are none. */
    public static Optional<FillInMiddle> find(Metadata metadata, Tokenizer tokenizer) {
        for (List<String> keys : KEYS) {
            int[] found = keys.stream()
                    .mapToInt(key -> (int) metadata.findInteger(key).orElse(-1))
                    .toArray();
            if (IntStream.of(found).allMatch(token -> token >= 0 && token < tokenizer.vocabularySize())) {
                return Optional.of(new FillInMiddle(found[0], found[1], found[2]));
            }
        }
        for (List<String> pieces : PIECES) {
            List<Integer> found = new ArrayList<>();
            for (String piece : pieces) {
                OptionalInt token = tokenizer.find(piece);
                token.ifPresent(found::add);
            }
            if (found.size() == pieces.size()) {
                return Optional.of(new FillInMiddle(found.get(0), found.get(1), found.get(2)));
            }
        }
        return Optional.empty();
    }

    /** The prompt that asks for the text between a beginning and an end. */
    public int[] tokens(Tokenizer tokenizer, String before, String after) {
        IntStream begin = tokenizer.addsBos() ? tokenizer.bos().stream() : IntStream.empty();
        IntStream first = IntStream.concat(IntStream.of(prefix), IntStream.of(tokenizer.encode(before, false, false)));
        IntStream last = IntStream.concat(IntStream.of(suffix), IntStream.of(tokenizer.encode(after, false, false)));
        return IntStream.concat(begin, IntStream.concat(IntStream.concat(first, last), IntStream.of(middle)))
                .toArray();
    }
}
