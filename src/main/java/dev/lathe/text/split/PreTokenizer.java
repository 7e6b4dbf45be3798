package dev.lathe.text.split;

import static dev.lathe.text.split.RunSplitter.each;
import static dev.lathe.text.split.RunSplitter.runs;
import static dev.lathe.text.split.RunSplitter.runsWithSpace;

import java.util.Arrays;
import java.util.List;

/**
 * How tokenizers cut a text into words before they merge bytes, or some of them characters: {@code tokenizer.ggml.pre}.
 *
 * <p>A new one goes here: a constant with the file's names for it and its steps, each a {@link Splitter} applied to all
 * pieces of the one before, or its regular expressions. Those of the oldest and most used models have splitters of their
 * own, written by hand, which are quicker.
 */
public enum PreTokenizer {
    DEFAULT(
            List.of("default"),
            runs(CharacterClass.PUNCTUATION_OR_MATH),
            new Gpt2Splitter(),
            runs(CharacterClass.NUMBER),
            each(3, CharacterClass.ASCII_DIGIT)),
    GPT_2(
            List.of(
                    "gpt-2",
                    "mpt",
                    "phi-2",
                    "olmo",
                    "jais",
                    "trillion",
                    "exaone4",
                    "a.x-4.0",
                    "mellum",
                    "gigachat",
                    "jina-es",
                    "jina-de",
                    "jina-v2-es",
                    "jina-v2-de",
                    "modern-bert",
                    "jina-v1-en",
                    "jina-v2-code",
                    "roberta-bpe",
                    "granite-docling"),
            new Gpt2Splitter()),
    /** GPT-2's with each digit on its own. */
    GPT_2_DIGITS(
            List.of("smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"),
            each(1, CharacterClass.NUMBER),
            new Gpt2Splitter()),
    FALCON(
            List.of("falcon"),
            runs(CharacterClass.PUNCTUATION_OR_MATH_OR_BACKTICK),
            new Gpt2Splitter(),
            each(3, CharacterClass.ASCII_DIGIT)),
    LLAMA_3(
            List.of(
                    "llama-bpe",
                    "llama3",
                    "llama-v3",
                    "falcon3",
                    "falcon-h1",
                    "pixtral",
                    "midm-2.0",
                    "lfm2",
                    "jina-v5-nano"),
            new Cl100kSplitter(3)) {
        @Override
        public boolean takesWholeWords() {
            return true;
        }

        @Override
        public boolean addsBos() {
            return true;
        }
    },
    CL100K(List.of("dbrx", "smaug-bpe", "chatglm-bpe"), new Cl100kSplitter(3)),
    GLM_4(List.of("glm4", "glm5"), new Cl100kSplitter(3)) {
        @Override
        public boolean takesWholeWords() {
            return true;
        }
    },
    QWEN_2(
            List.of(
                    "qwen2",
                    "deepseek-r1-qwen",
                    "stablelm2",
                    "hunyuan",
                    "megrez",
                    "kormo",
                    "grok-2",
                    "f2llmv2",
                    "solar-open"),
            new Cl100kSplitter(1)),
    DEEPSEEK_LLM(
            List.of("deepseek-llm"),
            each(1, CharacterClass.NEWLINE),
            runsWithSpace(CharacterClass.CASED_LETTER),
            runsWithSpace(CharacterClass.ASCII_OR_FULL_WIDTH),
            new TrailingSpaceSplitter(),
            runs(CharacterClass.EAST_ASIAN),
            runs(CharacterClass.NUMBER)),
    DEEPSEEK_CODER(
            List.of("deepseek-coder"),
            each(1, CharacterClass.NEWLINE),
            runsWithSpace(CharacterClass.LETTER),
            runsWithSpace(CharacterClass.PUNCTUATION),
            runs(CharacterClass.EAST_ASIAN),
            each(1, CharacterClass.NUMBER)),
    DEEPSEEK_3(
            List.of("deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"),
            List.of(Patterns.NUMBERS, Patterns.HAN_AND_KANA, Patterns.DEEPSEEK)),
    SPARK_2_5(
            List.of("spark2_5"),
            List.of(
                    Patterns.NUMBERS,
                    Patterns.HAN_AND_KANA,
                    Patterns.DEEPSEEK_WORDS + "| ?[\\p{P}\\p{S}]+|[\\r\\n]|\\s+(?!\\S)|\\s+",
                    "\\p{N}")),
    AFMOE(
            List.of("afmoe"),
            List.of(
                    "[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3040-\u309f\u30a0-\u30ff\uff65-\uff9f\u2f00-\u2fdf"
                            + "\u0e40-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff"
                            + "\uac00-\ud7af\u1100-\u11ff]+",
                    Patterns.DEEPSEEK),
            new DigitGroupSplitter(DigitGroupSplitter.Kind.GROUPS)),
    GPT_4O(
            List.of("gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"),
            List.of(Patterns.gpt4o(Patterns.CONTRACTION + "?", Patterns.NUMBERS))),
    GRANITE_EMBEDDING(
            List.of("granite-embed-multi-97m"), List.of(Patterns.gpt4o(Patterns.CONTRACTION + "?", Patterns.NUMBERS))) {
        @Override
        public boolean takesWholeWords() {
            return true;
        }
    },
    TEKKEN(List.of("tekken"), List.of(Patterns.gpt4o("", "\\p{N}"))) {
        @Override
        public boolean takesWholeWords() {
            return true;
        }

        @Override
        public boolean addsBos() {
            return true;
        }
    },
    YOUTU(
            List.of("youtu"),
            List.of(
                    "[\uac00-\ud7a3\u3131-\u318e]+|[\uff01\u2026\u201c\u201d\u2018\u2019\u2014\uff1a\uff1b\uff0c"
                            + "\u3001-\u303f\ufe30-\ufe4f]+|[\u3105-\u312f]+|" + Patterns.HAN_AND_KANA,
                    Patterns.gpt4o(Patterns.CONTRACTION + "?", "\\p{N}"))) {
        @Override
        public boolean takesWholeWords() {
            return true;
        }
    },
    KIMI_K2(
            List.of("kimi-k2"),
            List.of("\\p{Han}+|" + Patterns.words("&&[^\\p{Han}]", Patterns.CONTRACTION + "?") + "|" + Patterns.NUMBERS
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + Patterns.SPACES)),
    TINY_AYA(
            List.of("tiny_aya", "cohere2moe"),
            List.of(Patterns.gpt4o(Patterns.CONTRACTION + "?", Patterns.NUMBERS)),
            new DigitGroupSplitter(DigitGroupSplitter.Kind.GROUPS_OF_WORDS)),
    QWEN_35(
            List.of("qwen35"),
            List.of(Patterns.CONTRACTION
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                    + Patterns.SPACES)),
    BLOOM(List.of("bloom", "poro-chat", "gpt3-finnish"), List.of(Patterns.BLOOM)),
    VIKING(List.of("viking"), List.of(Patterns.BLOOM, "\\p{N}")),
    CHAMELEON(
            List.of("chameleon"),
            List.of(
                    "<sentinel:[0-9]+>",
                    "IMGIMG[A-I]{1,4}Z",
                    "[\\t\\n]|    |  ",
                    "\\p{N}",
                    "[\\p{P}!-/:-@\\[-`{-~]",
                    Patterns.GPT_2)) {
        @Override
        public boolean addsBos() {
            return true;
        }
    },
    SUPERBPE(
            List.of("superbpe"),
            runs(CharacterClass.NUMBER),
            new DigitGroupSplitter(DigitGroupSplitter.Kind.BEFORE_GROUPS)),
    BAILING(
            List.of("bailingmoe", "bailingmoe2", "llada-moe"),
            List.of("'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+")),
    SEED_CODER(
            List.of("seed-coder"),
            List.of(Patterns.CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+"
                    + Patterns.SPACES)),
    UFAKZEKA(
            List.of("ufakzeka"),
            List.of("[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + Patterns.SPACES)),
    LAGUNA(List.of("laguna"), List.of(Patterns.LINES, Patterns.cl100k("\\p{N}"))),
    MINICPM_5(List.of("minicpm5"), List.of(Patterns.NUMBERS, Patterns.cl100k("\\p{N}+"))) {
        @Override
        public boolean takesWholeWords() {
            return true;
        }
    },
    EXAONE_MOE(
            List.of("exaone-moe"),
            List.of(Patterns.CONTRACTION
                    + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}[\\p{L}\\p{M}]*+(?: \\p{L}[\\p{L}\\p{M}]*+)*+|\\p{N}"
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+")),
    JAIS_2(
            List.of("jais-2"),
            List.of(Patterns.cl100kWords(Patterns.NUMBERS)
                    + "|\\s*[\\r\\n]+|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)"
                    + "|\\s{16}(?!\\S)|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s")),
    GEMMA_4(List.of("gemma4", "granite-embed-multi-311m"), List.of(Patterns.LINES)) {
        @Override
        public Alphabet alphabet() {
            return Alphabet.CHARACTERS_AND_SPACE_MARKS;
        }

        @Override
        public boolean takesNewlinesWhole() {
            return true;
        }

        @Override
        public boolean addsBos() {
            return true;
        }
    },
    SARVAM_MOE(List.of("sarvam-moe"), List.of(Patterns.LINES)) {
        @Override
        public Alphabet alphabet() {
            return Alphabet.CHARACTERS_AND_SPACE_MARKS;
        }
    },
    WHITESPACE(List.of("whitespace"), List.of("\\S+")) {
        @Override
        public Alphabet alphabet() {
            return Alphabet.CHARACTERS_WITHOUT_SPACES;
        }
    };

    /** What pieces are spelled in. */
    public enum Alphabet {
        /** Each byte of UTF-8 has a character. */
        BYTES,
        /** Characters as they are, spaces as U+2581. */
        CHARACTERS_AND_SPACE_MARKS,
        /** Characters as they are; spaces are left out. */
        CHARACTERS_WITHOUT_SPACES
    }

    /** What several of the regular expressions have in common. */
    private static final class Patterns {
        static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
        static final String NUMBERS = "\\p{N}{1,3}";
        static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        static final String LINES = "[^\\n]+|\\n+";
        static final String HAN_AND_KANA = "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+";
        static final String DEEPSEEK_WORDS = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
                + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+";
        static final String DEEPSEEK = DEEPSEEK_WORDS + "| ?[\\p{P}\\p{S}]+[\\r\\n]*" + SPACES;
        static final String BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+";
        static final String GPT_2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)";

        private Patterns() {}

        static String cl100k(String numbers) {
            return cl100kWords(numbers) + SPACES;
        }

        static String cl100kWords(String numbers) {
            return CONTRACTION + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" + numbers + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*";
        }

        static String gpt4o(String ending, String numbers) {
            return words("", ending) + "|" + numbers + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + SPACES;
        }

        /** Words of capitals, then small letters, either of which may be missing. */
        static String words(String restriction, String ending) {
            String capitals = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}" + restriction + "]";
            String small = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}" + restriction + "]";
            String before = "[^\\r\\n\\p{L}\\p{N}]?";
            return before + capitals + "*" + small + "+" + ending + "|" + before + capitals + "+" + small + "*"
                    + ending;
        }
    }

    private final List<String> names;
    private final Splitter[] steps;

    /** Regular expressions that cut what the steps leave; compiled for the tokenizer that uses them only. */
    private final List<String> patterns;

    PreTokenizer(List<String> names, Splitter... steps) {
        this(names, List.of(), steps);
    }

    PreTokenizer(List<String> names, List<String> patterns, Splitter... steps) {
        this.names = names;
        this.patterns = patterns;
        this.steps = steps;
    }

    /** The steps, the patterns after what is written by hand. */
    public Splitter[] steps() {
        Splitter[] all = Arrays.copyOf(steps, steps.length + patterns.size());
        for (int i = 0; i < patterns.size(); i++) {
            all[steps.length + i] = new RegexSplitter(patterns.get(i));
        }
        return all;
    }

    /**
     * The one that a file names.
     *
     * @throws IllegalArgumentException if there is none of this name; the message lists what there is
     */
    public static PreTokenizer named(String name) {
        for (PreTokenizer preTokenizer : values()) {
            if (preTokenizer.names.contains(name)) {
                return preTokenizer;
            }
        }
        StringBuilder supported = new StringBuilder();
        for (PreTokenizer preTokenizer : values()) {
            supported.append(supported.isEmpty() ? "" : ", ").append(String.join(", ", preTokenizer.names));
        }
        throw new IllegalArgumentException(
                "tokenizer.ggml.pre is \"" + name + "\", an unknown pre-tokenizer; supported are " + supported);
    }

    /** Whether a piece that is a token as a whole becomes that token even where merges would lead elsewhere. */
    public boolean takesWholeWords() {
        return false;
    }

    /** Whether a run of newlines that is a token as a whole becomes that token. */
    public boolean takesNewlinesWhole() {
        return takesWholeWords();
    }

    /** What pieces are spelled in. */
    public Alphabet alphabet() {
        return Alphabet.BYTES;
    }

    /** Whether texts begin with BOS where the file does not say. */
    public boolean addsBos() {
        return false;
    }
}
