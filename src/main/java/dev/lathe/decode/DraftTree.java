package dev.lathe.decode;

import dev.lathe.model.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Drafted tokens that continue a text in one way or several: node 0 is the text's last token, which the model's state
 * does not hold yet; every other node is a drafted token that follows its parent. Parents come before their children.
 * One thread at a time; grows by what its strategy drafts.
 */
public final class DraftTree {
    private int[] tokens = new int[8];
    private int[] parents = new int[8];
    private int[] depths = new int[8];
    private int size;
    private final Map<Integer, Distribution> distributions = new HashMap<>();
    private final Map<Integer, List<Integer>> draws = new HashMap<>();

    /** A tree of the text's last token alone. */
    public DraftTree(int rootToken) {
        append(rootToken, TokenBatch.ROOT, 0);
    }

    /** Nodes, the root included. */
    public int size() {
        return size;
    }

    /** The token of a node. */
    public int token(int node) {
        return tokens[Objects.checkIndex(node, size)];
    }

    /** The node that a node follows; {@link TokenBatch#ROOT} for the root. */
    public int parent(int node) {
        return parents[Objects.checkIndex(node, size)];
    }

    /** Drafted tokens from the root down to a node: 0 for the root. */
    public int depth(int node) {
        return depths[Objects.checkIndex(node, size)];
    }

    /** The drafted tokens that lead to a node, its own the last. */
    public int[] path(int node) {
        int[] path = new int[depth(node)];
        for (int at = node, depth = path.length; depth > 0; at = parents[at]) {
            path[--depth] = tokens[at];
        }
        return path;
    }

    /** The node of a token right after a node, or -1. */
    public int child(int node, int token) {
        for (int child = node + 1; child < size; child++) {
            if (parents[child] == node && tokens[child] == token) {
                return child;
            }
        }
        return -1;
    }

    /** All nodes from one on. */
    public int[] nodes(int from) {
        return IntStream.range(from, size).toArray();
    }

    /** The tree as a pass: row by row its nodes, logits for every one. */
    public TokenBatch batch() {
        return TokenBatch.tree(Arrays.copyOf(tokens, size), Arrays.copyOf(parents, size));
    }

    /**
     * Adds a token drawn after a node, and returns its node; where the same token was drawn there before, that is its
     * node.
     */
    public int draw(int parent, int token) {
        int known = child(parent, token);
        int node = known >= 0 ? known : append(token, parent, depth(parent) + 1);
        draws.computeIfAbsent(parent, key -> new ArrayList<>()).add(node);
        return node;
    }

    /** The nodes drawn after a node, in the order of the draws, repeated ones repeatedly. */
    public List<Integer> draws(int node) {
        return draws.getOrDefault(node, List.of());
    }

    /** Notes the distribution that tokens after a node are drawn from. */
    public void drawFrom(int node, Distribution distribution) {
        distributions.put(node, distribution);
    }

    /** The distribution that the tokens after a node were drawn from. */
    public Distribution distribution(int node) {
        return distributions.get(node);
    }

    private int append(int token, int parent, int depth) {
        if (size == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * size);
            parents = Arrays.copyOf(parents, 2 * size);
            depths = Arrays.copyOf(depths, 2 * size);
        }
        tokens[size] = token;
        parents[size] = parent;
        depths[size] = depth;
        return size++;
    }
}
