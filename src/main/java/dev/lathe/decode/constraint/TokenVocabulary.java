package dev.lathe.decode.constraint;

import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokens of a model as a trie over their shapes, and one over their bytes: what a grammar makes masks from. Takes
 * some tenths of a second to build; one for all generations of a model. Immutable and thread-safe.
 */
public final class TokenVocabulary {
    /** What stands before and after the piece of a control token among bytes; no byte of UTF-8. */
    static final byte CONTROL_BEGIN = (byte) 0xFF;

    static final byte CONTROL_END = (byte) 0xFE;

    private final TokenTexts texts;
    private final BitSet endOfGeneration = new BitSet();
    private final TokenShapes shapes;
    private final TokenTrie trie;

    private TokenVocabulary(TokenTexts texts) {
        this.texts = texts;
        byte[][] bytes = new byte[texts.size()][];
        for (int token = 0; token < bytes.length; token++) {
            endOfGeneration.set(token, texts.isEndOfGeneration(token));
            bytes[token] = bytes(token);
        }
        shapes = new TokenShapes(bytes);
        trie = new TokenTrie(bytes);
    }

    /** The vocabulary of a tokenizer. */
    public static TokenVocabulary of(TokenTexts texts) {
        return new TokenVocabulary(texts);
    }

    /** Number of tokens. */
    public int size() {
        return texts.size();
    }

    /**
     * The bytes that a token stands for: of a control token those of {@link Grammars#controlToken}; none of one that
     * ends the generation, or that has bytes which UTF-8 never has, so that no text looks like a control token.
     */
    public byte[] bytes(int token) {
        if (isEndOfGeneration(token)) {
            return new byte[0];
        }
        Optional<String> control = texts.controlPiece(token);
        if (control.isPresent()) {
            return Grammars.controlToken(control.get());
        }
        byte[] bytes = texts.bytes(token);
        for (byte b : bytes) {
            if (b == CONTROL_BEGIN || b == CONTROL_END) {
                return new byte[0];
            }
        }
        return bytes;
    }

    /** Whether a generation ends at this token. */
    public boolean isEndOfGeneration(int token) {
        return endOfGeneration.get(token);
    }

    /** A copy of the tokens that end a generation. */
    public BitSet endOfGeneration() {
        return (BitSet) endOfGeneration.clone();
    }

    OptionalInt control(String piece) {
        return texts.control(piece);
    }

    int[] encode(String text) {
        return texts.encode(text);
    }

    /** The tokens whose bytes an automaton can read from a state; those that end a generation where it accepts. */
    TokenMask mask(AutomatonState start) {
        long[] allowed = new long[(size() + 63) >> 6];
        if (start.accepts()) {
            long[] ends = endOfGeneration.toLongArray();
            System.arraycopy(ends, 0, allowed, 0, ends.length);
        }
        if (start.isUniform()) {
            shapes.addAllowed(start, allowed);
        } else {
            trie.addAllowed(start, allowed); // it tells characters apart, so it allows few of them
        }
        return TokenMask.of(size(), allowed);
    }
}
