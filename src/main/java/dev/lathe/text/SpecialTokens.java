package dev.lathe.text;

import dev.lathe.gguf.Metadata;
import java.util.BitSet;
import java.util.OptionalInt;

/** The tokens with a role of their own, and which of them a text begins and ends with. Immutable. */
final class SpecialTokens {
    static final int NONE = -1;

    private static final String BOS = "tokenizer.ggml.bos_token_id";
    private static final String EOS = "tokenizer.ggml.eos_token_id";
    private static final String ADD_BOS = "tokenizer.ggml.add_bos_token";
    private static final String ADD_EOS = "tokenizer.ggml.add_eos_token";

    /** Roles beside EOS that end a generation; a model that opens the next file of a repository has ended this one. */
    private static final String[] END_ROLES = {
        "tokenizer.ggml.eot_token_id",
        "tokenizer.ggml.eom_token_id",
        "tokenizer.ggml.fim_pad_token_id",
        "tokenizer.ggml.fim_rep_token_id",
        "tokenizer.ggml.fim_sep_token_id"
    };

    /** Pieces that end a generation by custom: files name at most some of them by role, or mistype them as text. */
    private static final String[] END_PIECES = {
        "<|im_end|>",
        "<|eot_id|>",
        "<|eom_id|>",
        "<|end|>",
        "<end_of_turn>",
        "<|endoftext|>",
        "<|end_of_text|>",
        "<end_of_utterance>",
        "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
        "</s>",
        "<EOT>",
        "_<EOT>",
        "\u2581<EOT>",
        "[EOT]",
        "[EOS]",
        "<|return|>",
        "<|call|>",
        "<|fim_pad|>",
        "<fim-pad>",
        "<fim_pad>",
        "<PAD>",
        "[PAD]",
        "<|fim_repo|>",
        "<|repo_name|>",
        "<fim-repo>",
        "<REPO>",
        "<reponame>",
        "<|file_sep|>",
        "<|file_separator|>"
    };

    final int bos;
    final int eos;
    final int unknown;

    /** What to put before a text. */
    final int[] prefix;

    /** What to put after a text. */
    final int[] suffix;

    private final BitSet endsOfGeneration;

    private SpecialTokens(int bos, int eos, int unknown, int[] prefix, int[] suffix, BitSet endsOfGeneration) {
        this.bos = bos;
        this.eos = eos;
        this.unknown = unknown;
        this.prefix = prefix;
        this.suffix = suffix;
        this.endsOfGeneration = endsOfGeneration;
    }

    /** Of a SentencePiece vocabulary, which begins with unknown, BOS and EOS where the file does not say. */
    static SpecialTokens ofSentencePiece(Metadata metadata, Vocabulary vocabulary) {
        int bos = read(metadata, vocabulary, BOS, 1);
        int eos = read(metadata, vocabulary, EOS, 2);
        int unknown = read(metadata, vocabulary, "tokenizer.ggml.unknown_token_id", 0);
        return ofText(metadata, vocabulary, bos, eos, unknown, true, false);
    }

    /** Of a byte-level vocabulary. */
    static SpecialTokens ofByteLevel(Metadata metadata, Vocabulary vocabulary, boolean addsBos) {
        int bos = read(metadata, vocabulary, BOS, NONE);
        int eos = read(metadata, vocabulary, EOS, NONE);
        return ofText(metadata, vocabulary, bos, eos, NONE, addsBos, false);
    }

    /** Of a Unigram vocabulary, which begins with padding, EOS and unknown where the file does not say. */
    static SpecialTokens ofUnigram(Metadata metadata, Vocabulary vocabulary) {
        int bos = read(metadata, vocabulary, BOS, NONE);
        int eos = read(metadata, vocabulary, EOS, 1);
        int unknown = read(metadata, vocabulary, "tokenizer.ggml.unknown_token_id", 2);
        if (unknown == NONE) {
            throw new IllegalArgumentException("a tokenizer of model \"t5\" needs tokenizer.ggml.unknown_token_id");
        }
        return ofText(metadata, vocabulary, bos, eos, unknown, false, true);
    }

    /** Of a vocabulary whose roles are known, with what goes before and after a text. */
    static SpecialTokens of(Vocabulary vocabulary, int bos, int eos, int unknown, int[] prefix, int[] suffix) {
        BitSet ends = customaryEnds(vocabulary);
        if (eos != NONE) {
            ends.set(eos);
        }
        return new SpecialTokens(bos, eos, unknown, prefix, suffix, ends);
    }

    private static SpecialTokens ofText(
            Metadata metadata, Vocabulary vocabulary, int bos, int eos, int unknown, boolean addsBos, boolean addsEos) {
        int[] prefix = added(metadata, ADD_BOS, addsBos, BOS, bos);
        int[] suffix = added(metadata, ADD_EOS, addsEos, EOS, eos);
        return new SpecialTokens(bos, eos, unknown, prefix, suffix, endsOfGeneration(metadata, vocabulary, eos));
    }

    /** Of a WordPiece vocabulary, whose texts always stand between [CLS] and [SEP]. */
    static SpecialTokens ofWordPiece(Metadata metadata, Vocabulary vocabulary) {
        int cls = read(metadata, vocabulary, "tokenizer.ggml.cls_token_id", 101);
        int bos = read(metadata, vocabulary, BOS, cls);
        int eos = read(metadata, vocabulary, EOS, NONE);
        int separator = read(metadata, vocabulary, "tokenizer.ggml.seperator_token_id", 102); // The format's spelling.
        int unknown = read(metadata, vocabulary, "tokenizer.ggml.unknown_token_id", 100);
        if (bos < 0 || separator < 0 || unknown < 0) {
            throw new IllegalArgumentException("a tokenizer of model \"bert\" needs tokenizer.ggml.cls_token_id, "
                    + "tokenizer.ggml.seperator_token_id and tokenizer.ggml.unknown_token_id");
        }
        return new SpecialTokens(
                bos, eos, unknown, new int[] {bos}, new int[] {separator}, endsOfGeneration(metadata, vocabulary, eos));
    }

    /** The token of a role; the default, or none where the vocabulary is too small for it. */
    private static int read(Metadata metadata, Vocabulary vocabulary, String key, int byDefault) {
        if (!metadata.contains(key)) {
            return byDefault < vocabulary.size() ? byDefault : NONE;
        }
        long token = metadata.integer(key);
        if (token < 0 || token >= vocabulary.size()) {
            throw new IllegalArgumentException(
                    key + " is " + token + ", outside of the vocabulary: expected 0 to " + (vocabulary.size() - 1));
        }
        return (int) token;
    }

    private static int[] added(Metadata metadata, String key, boolean byDefault, String role, int token) {
        if (token == NONE && metadata.findBoolean(key).orElse(false)) {
            throw new IllegalArgumentException(key + " is true, but " + role + " is missing");
        }
        return token != NONE && metadata.findBoolean(key).orElse(byDefault) ? new int[] {token} : new int[0];
    }

    private static BitSet endsOfGeneration(Metadata metadata, Vocabulary vocabulary, int eos) {
        BitSet ends = customaryEnds(vocabulary);
        if (eos != NONE) {
            ends.set(eos);
        }
        for (String role : END_ROLES) {
            int token = read(metadata, vocabulary, role, NONE);
            if (token != NONE) {
                ends.set(token);
            }
        }
        return ends;
    }

    /** The tokens whose piece ends a generation by custom. */
    static BitSet customaryEnds(Vocabulary vocabulary) {
        BitSet ends = new BitSet();
        for (String piece : END_PIECES) {
            int token = vocabulary.find(piece);
            if (token >= 0) {
                ends.set(token);
            }
        }
        return ends;
    }

    boolean isEndOfGeneration(int token) {
        return token >= 0 && endsOfGeneration.get(token);
    }

    static OptionalInt optional(int token) {
        return token == NONE ? OptionalInt.empty() : OptionalInt.of(token);
    }
}
