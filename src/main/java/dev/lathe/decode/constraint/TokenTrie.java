package dev.lathe.decode.constraint;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Tokens as a trie over their bytes, in the order of a walk: for states that tell characters apart. Immutable and
 * thread-safe.
 */
final class TokenTrie {
    private final int[] sorted; // tokens by their bytes
    private final byte[] labels; // [node] the last byte of the node's text
    private final int[] depths; // [node] bytes of the node's text: 1 or more
    private final int[] ends; // [node] the first node behind its subtree
    private final int[] tokenEnds; // [node] tokens up to here in sorted are those of nodes up to this one
    private final int deepest;

    /** Of the tokens that have bytes. */
    TokenTrie(byte[]... bytes) {
        sorted = IntStream.range(0, bytes.length)
                .filter(token -> bytes[token].length > 0)
                .boxed()
                .sorted((a, b) -> Arrays.compareUnsigned(bytes[a], bytes[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        int most = 0;
        for (int token : sorted) {
            most = Math.addExact(most, bytes[token].length);
        }
        byte[] nodeLabels = new byte[most];
        int[] nodeDepths = new int[most];
        int[] nodeTokenEnds = new int[most];
        int count = 0;
        int depthOfAll = 0;
        byte[] before = {};
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
            depthOfAll = Math.max(depthOfAll, text.length);
        }
        labels = Arrays.copyOf(nodeLabels, count);
        depths = Arrays.copyOf(nodeDepths, count);
        tokenEnds = Arrays.copyOf(nodeTokenEnds, count);
        deepest = depthOfAll;
        ends = ends(depths, deepest);
    }

    /** The first node behind the subtree of each. */
    static int[] ends(int[] depths, int deepest) {
        int[] ends = new int[depths.length];
        int[] nextOfDepth = new int[deepest + 2]; // the nearest later node of this depth or less
        Arrays.fill(nextOfDepth, depths.length);
        for (int node = depths.length - 1; node >= 0; node--) {
            ends[node] = nextOfDepth[depths[node]];
            Arrays.fill(nextOfDepth, depths[node], nextOfDepth.length, node);
        }
        return ends;
    }

    /**
     * Adds the tokens whose bytes can be read from a state.
     *
     * @param allowed a bit for each token, set where it is allowed
     */
    void addAllowed(AutomatonState start, long... allowed) {
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
                allowed[sorted[i] >> 6] |= 1L << sorted[i];
            }
            node++;
        }
    }
}
