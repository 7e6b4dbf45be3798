package dev.lathe.text;

import dev.lathe.gguf.Metadata;
import dev.lathe.text.template.MarkedText;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * The tokens by which a model is asked for the middle of a text, and the order in which it is given the text's beginning
 * and end. A vocabulary can have the tokens although its model was never trained with them: the file does not tell.
 *
 * <p>Bavarian et al., "Efficient Training of Language Models to Fill in the Middle", 2022, arXiv 2207.14255, section 3.
 *
 * @param prefix token before the beginning
 * @param suffix token before the end
 * @param middle token after which the model writes; empty where it writes right after the beginning
 * @param order what comes first
 */
public record FillInMiddle(int prefix, int suffix, OptionalInt middle, Order order) {
    /** How the parts of a text are laid out for a model. */
    public enum Order {
        /** The beginning, the end, then what the model writes: PSM. */
        PREFIX_SUFFIX_MIDDLE,
        /** The end, the beginning, then what the model writes: SPM. */
        SUFFIX_PREFIX_MIDDLE
    }

    private static final List<List<String>> KEYS = List.of(
            List.of(
                    "tokenizer.ggml.fim_pre_token_id",
                    "tokenizer.ggml.fim_suf_token_id",
                    "tokenizer.ggml.fim_mid_token_id"),
            List.of(
                    "tokenizer.ggml.prefix_token_id",
                    "tokenizer.ggml.suffix_token_id",
                    "tokenizer.ggml.middle_token_id"));

    /** Well-known names of the tokens. */
    private record Pieces(String prefix, String suffix, Optional<String> middle, Order order) {
        static Pieces prefixFirst(String prefix, String suffix, String middle) {
            return new Pieces(prefix, suffix, Optional.of(middle), Order.PREFIX_SUFFIX_MIDDLE);
        }

        Optional<FillInMiddle> find(ToIntFunction<String> vocabulary) {
            int before = vocabulary.applyAsInt(prefix);
            int behind = vocabulary.applyAsInt(suffix);
            int last = middle.map(vocabulary::applyAsInt).orElse(SpecialTokens.NONE);
            if (before < 0 || behind < 0 || last < 0 && middle.isPresent()) {
                return Optional.empty();
            }
            return Optional.of(new FillInMiddle(before, behind, SpecialTokens.optional(last), order));
        }
    }

    private static final List<Pieces> PIECES = List.of(
            Pieces.prefixFirst("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"), // Qwen Coder, CodeGemma
            Pieces.prefixFirst("<fim_prefix>", "<fim_suffix>", "<fim_middle>"), // StarCoder, Granite, Refact
            Pieces.prefixFirst("<fim-prefix>", "<fim-suffix>", "<fim-middle>"), // SantaCoder
            Pieces.prefixFirst( // DeepSeek Coder
                    "<\uFF5Cfim\u2581begin\uFF5C>", "<\uFF5Cfim\u2581hole\uFF5C>", "<\uFF5Cfim\u2581end\uFF5C>"),
            Pieces.prefixFirst("<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"), // GLM
            Pieces.prefixFirst("\u2581<PRE>", "\u2581<SUF>", "\u2581<MID>"), // Code Llama
            new Pieces( // Seed Coder
                    "<[fim-prefix]>", "<[fim-suffix]>", Optional.of("<[fim-middle]>"), Order.SUFFIX_PREFIX_MIDDLE),
            new Pieces("[PREFIX]", "[SUFFIX]", Optional.empty(), Order.SUFFIX_PREFIX_MIDDLE)); // Codestral

    /** The tokens that the metadata name, or that have a well-known name; empty if there are none. */
    public static Optional<FillInMiddle> find(Metadata metadata, Tokenizer tokenizer) {
        return find(metadata, piece -> tokenizer.find(piece).orElse(SpecialTokens.NONE), tokenizer.vocabularySize());
    }

    static Optional<FillInMiddle> find(Metadata metadata, Vocabulary vocabulary) {
        return find(metadata, vocabulary::find, vocabulary.size());
    }

    private static Optional<FillInMiddle> find(Metadata metadata, ToIntFunction<String> vocabulary, int size) {
        Optional<FillInMiddle> named = PIECES.stream()
                .map(pieces -> pieces.find(vocabulary))
                .flatMap(Optional::stream)
                .findFirst();
        return ofKeys(metadata, size, named.map(FillInMiddle::order).orElse(Order.PREFIX_SUFFIX_MIDDLE))
                .or(() -> named)
                .map(found -> isSuffixFirst(metadata) ? found.with(Order.SUFFIX_PREFIX_MIDDLE) : found);
    }

    private static Optional<FillInMiddle> ofKeys(Metadata metadata, int size, Order order) {
        return KEYS.stream()
                .map(keys -> keys.stream()
                        .mapToLong(key -> metadata.findInteger(key).orElse(SpecialTokens.NONE))
                        .filter(token -> token >= 0 && token < size)
                        .mapToInt(Math::toIntExact)
                        .toArray())
                .filter(found -> found.length == 3)
                .map(found -> new FillInMiddle(found[0], found[1], OptionalInt.of(found[2]), order))
                .findFirst();
    }

    /** Mellum has the tokens of StarCoder and another order; nothing but its name says so. */
    private static boolean isSuffixFirst(Metadata metadata) {
        return metadata.findString("general.name")
                .filter(name -> name.toLowerCase(Locale.ROOT).contains("mellum"))
                .isPresent();
    }

    private FillInMiddle with(Order other) {
        return new FillInMiddle(prefix, suffix, middle, other);
    }

    /** The tokens, none of which a text may become. */
    BitSet tokens() {
        BitSet tokens = new BitSet();
        tokens.set(prefix);
        tokens.set(suffix);
        middle.ifPresent(tokens::set);
        return tokens;
    }

    /**
     * The prompt that asks for the text between a beginning and an end. Names of control tokens in them are text as any
     * other.
     */
    public int[] prompt(Tokenizer tokenizer, String before, String after) {
        IntStream begin = tokenizer.addsBos() ? tokenizer.bos().stream() : IntStream.empty();
        IntStream first = IntStream.concat(IntStream.of(prefix), IntStream.of(tokenizer.encode(before, false, false)));
        IntStream last =
                IntStream.concat(IntStream.of(suffix), IntStream.of(tokenizer.encode(MarkedText.ofData(after), true)));
        IntStream parts =
                switch (order) {
                    case PREFIX_SUFFIX_MIDDLE -> IntStream.concat(first, last);
                    case SUFFIX_PREFIX_MIDDLE -> IntStream.concat(last, first);
                };
        return IntStream.concat(begin, IntStream.concat(parts, middle.stream())).toArray();
    }
}
