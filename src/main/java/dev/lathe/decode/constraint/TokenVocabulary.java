package dev.lathe.decode.constraint;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The tokens of a model as a trie over their bytes, in the order of a walk: what a grammar makes masks from. Takes some
 * tens of milliseconds to build; one for all generations of a model. Immutable and thread-safe.
 */
public final class TokenVocabulary {
    /** What stands before and behind the piece of a control token among bytes; no byte of UTF-8. */
    static final byte CONTROL_BEGIN = (byte) 0xFF;

    static final byte CONTROL_END = (byte) 0xFE;

    private final TokenTexts texts;
    private final BitSet endOfGeneration = new BitSet();
    private final int[] sorted; // tokens by their bytes
    private final byte[] labels; // [node] the last byte of the node's text
    private final int[] depths; // [node] bytes of the node's text: 1 or more
    private final int[] ends; // [node] the first node behind its subtree
    private final int[] tokenEnds; // [node] tokens up to here in sorted are those of nodes up to this one
    private final int deepest;

    private TokenVocabulary(TokenTexts texts) {
        this.texts = texts;
        byte[][] bytes = new byte[texts.size()][];
        int nodes = 0;
        for (int token = 0; token < bytes.length; token++) {
            boolean ends = texts.isEndOfGeneration(token);
            endOfGeneration.set(token, ends);
            bytes[token] = bytes(token);
            nodes = Math.addExact(nodes, bytes[token].length);
        }
        sorted = IntStream.range(0, bytes.length)
                .filter(token -> bytes[token].length > 0)
                .boxed()
                .sorted((a, b) -> Arrays.compareUnsigned(bytes[a], bytes[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        byte[] nodeLabels = new byte[nodes];
        int[] nodeDepths = new int[nodes];
        int[] nodeTokenEnds = new int[nodes];
        int count = 0;
        byte[] before = {};
        int most = 0;
        for (int i = 0; i < sorted.length; i++) {
            byte[] text = bytes[sorted[i]];
            int mismatch = Arrays.mismatch(before, text);
            for (int depth = mismatch < 0 ? text.length : mismatch; depth < text.length; depth++) {
                nodeLabels[count] = text[depth];
                nodeDepths[count] = depth + 1;
                nodeTokenEnds[count++] = i;
            }
            nodeTokenEnds[count - 1] = i + 1;
            before = text;
            most = Math.max(most, text.length);
        }
        labels = Arrays.copyOf(nodeLabels, count);
        depths = Arrays.copyOf(nodeDepths, count);
        tokenEnds = Arrays.copyOf(nodeTokenEnds, count);
        ends = ends(depths, most);
        deepest = most;
    }

    /** The vocabulary of a tokenizer. */
    public static TokenVocabulary of(TokenTexts texts) {
        return new TokenVocabulary(texts);
    }

    private static int[] ends(int[] depths, int deepest) {
        int[] ends = new int[depths.length];
        int[] nextOfDepth = new int[deepest + 2]; // the nearest later node of this depth or less
        Arrays.fill(nextOfDepth, depths.length);
        for (int node = depths.length - 1; node >= 0; node--) {
            ends[node] = nextOfDepth[depths[node]];
            Arrays.fill(nextOfDepth, depths[node], nextOfDepth.length, node);
        }
        return ends;
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
        BitSet allowed = start.accepts() ? endOfGeneration() : new BitSet(size());
        AutomatonState[] path = new AutomatonState[deepest + 1];
        path[0] = start;
        for (int node = 0; node < labels.length; ) {
            int depth = depths[node];
            AutomatonState next = path[depth - 1].step(labels[node]);
            if (next == null) {
                node = ends[node];
                continue;
            }
            path[depth] = next;
            for (int i = node == 0 ? 0 : tokenEnds[node - 1]; i < tokenEnds[node]; i++) {
                allowed.set(sorted[i]);
            }
            node++;
        }
        return TokenMask.of(size(), allowed);
    }
}
