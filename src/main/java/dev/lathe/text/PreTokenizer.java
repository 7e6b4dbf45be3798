package dev.lathe.text;

import static dev.lathe.text.RunSplitter.each;
import static dev.lathe.text.RunSplitter.runs;
import static dev.lathe.text.RunSplitter.runsWithSpace;

import java.util.List;

/**
 * How byte-level tokenizers cut a text into pieces before they merge bytes: {@code tokenizer.ggml.pre}.
 *
 * <p>A new one goes here: a constant with the file's names for it and its steps, each a {@link Splitter} applied to all
 * pieces of the one before. Patterns that no splitter knows yet get one of their own, written by hand: a general
 * regular expression engine overflows its stack or takes quadratic time on texts that users do feed.
 */
enum PreTokenizer {
    DEFAULT(
            List.of("default"),
            runs(CharacterClass.PUNCTUATION_OR_MATH),
            new Gpt2Splitter(),
            runs(CharacterClass.NUMBER),
            each(3, CharacterClass.ASCII_DIGIT)),
    GPT_2(
            List.of("gpt-2", "mpt", "phi-2", "olmo", "jais", "trillion", "exaone4", "a.x-4.0", "mellum", "gigachat"),
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
            List.of("llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"),
            new Cl100kSplitter(3)) {
        @Override
        boolean takesWholeWords() {
            return true;
        }

        @Override
        boolean addsBos() {
            return true;
        }
    },
    CL100K(List.of("dbrx", "smaug-bpe"), new Cl100kSplitter(3)),
    QWEN_2(
            List.of("qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez", "kormo", "grok-2"),
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
            each(1, CharacterClass.NUMBER));

    private final List<String> names;
    private final Splitter[] steps;

    PreTokenizer(List<String> names, Splitter... steps) {
        this.names = names;
        this.steps = steps;
    }

    static PreTokenizer named(String name) {
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
    boolean takesWholeWords() {
        return false;
    }

    /** Whether texts begin with BOS where the file does not say. */
    boolean addsBos() {
        return false;
    }

    /** The ends of the text's pieces, ascending. */
    IntList split(ScannedText text) {
        IntList ends = new IntList();
        if (text.length() > 0) {
            ends.add(text.length());
        }
        for (Splitter step : steps) {
            IntList smaller = new IntList();
            int from = 0;
            for (int i = 0; i < ends.size(); i++) {
                while (from < ends.get(i)) {
                    from = step.pieceEnd(text, from, ends.get(i));
                    smaller.add(from);
                }
            }
            ends = smaller;
        }
        return ends;
    }
}
