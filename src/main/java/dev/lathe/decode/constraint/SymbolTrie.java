package dev.lathe.decode.constraint;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Tokens as a trie over texts of symbols, such as their bytes; its nodes are in the order of a walk, from parents to
 * children. Immutable and thread-safe.
 */
final class SymbolTrie {
    private final int[] sorted; // tokens by their texts
    private final short[] symbols; // [node] the last symbol of the node's text
    private final int[] depths; // [node] symbols of the node's text: 1 or more
    private final int[] ends; // [node] the first node after its subtree
    private final int[] tokenEnds; // [node] tokens up to here in sorted are those of nodes up to this one
    private final int deepest;

    /** Of the tokens whose texts are not empty. */
    SymbolTrie(short[]... texts) {
        sorted = IntStream.range(0, texts.length)
                .filter(token -> texts[token].length > 0)
                .boxed()
                .sorted((a, b) -> Arrays.compare(texts[a], texts[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        int most = 0;
        for (int token : sorted) {
            most = Math.addExact(most, texts[token].length);
        }
        short[] nodeSymbols = new short[most];
        int[] nodeDepths = new int[most];
        int[] nodeTokenEnds = new int[most];
        int count = 0;
        int depthOfAll = 0;
        short[] before = {};
        for (int i = 0; i < sorted.length; i++) {
            short[] text = texts[sorted[i]];
            int mismatch = Arrays.mismatch(before, text);
            for (int depth = mismatch < 0 ? text.length : mismatch; depth < text.length; depth++) {
                nodeSymbols[count] = text[depth];
                nodeDepths[count] = depth + 1;
                nodeTokenEnds[count++] = i;
            }
            nodeTokenEnds[count - 1] = i + 1;
            before = text;
            depthOfAll = Math.max(depthOfAll, text.length);
        }
        symbols = Arrays.copyOf(nodeSymbols, count);
        depths = Arrays.copyOf(nodeDepths, count);
        tokenEnds = Arrays.copyOf(nodeTokenEnds, count);
        deepest = depthOfAll;
        ends = ends(depths, deepest);
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

    int nodeCount() {
        return symbols.length;
    }

    /** Symbols of the longest text. */
    int deepest() {
        return deepest;
    }

    /** The last symbol of a node's text. */
    short symbol(int node) {
        return symbols[node];
    }

    /** Symbols of a node's text: 1 or more. */
    int depth(int node) {
        return depths[node];
    }

    /** The first node after a node's subtree. */
    int end(int node) {
        return ends[node];
    }

    /** Where the tokens of a node's text begin among all; those of its subtree follow. */
    int firstToken(int node) {
        return node == 0 ? 0 : tokenEnds[node - 1];
    }

    /** Where the tokens of a node's text end. */
    int tokensEnd(int node) {
        return tokenEnds[node];
    }

    /** A token by its place among all. */
    int token(int place) {
        return sorted[place];
    }

    /** Sets the bits of the tokens in some places. */
    void allow(int from, int to, long... allowed) {
        for (int i = from; i < to; i++) {
            allowed[sorted[i] >> 6] |= 1L << sorted[i];
        }
    }
}
