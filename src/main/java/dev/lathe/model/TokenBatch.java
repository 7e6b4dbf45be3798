package dev.lathe.model;

import java.util.Arrays;

/**
 * Tokens to evaluate in one pass, after the positions that a state already holds.
 *
 * <p>Each row names its parent: the row before it in its own text, or {@link #ROOT} where it follows the committed text.
 * Rows in one chain are an ordinary continuation; several children of one parent make a tree, in which a row sees the
 * committed text and its ancestors only, at the position given by its depth. Immutable.
 */
public final class TokenBatch {
    /** The parent of a row that directly follows the committed text. */
    public static final int ROOT = -1;

    private final int[] tokens;
    private final int[] parents;
    private final boolean[] logitsWanted;

    private TokenBatch(int[] tokens, int[] parents, boolean[] logitsWanted) {
        this.tokens = tokens;
        this.parents = parents;
        this.logitsWanted = logitsWanted;
    }

    /** A continuation of the committed text; logits for its last token only. */
    public static TokenBatch lastLogits(int... tokens) {
        boolean[] wanted = new boolean[tokens.length];
        if (tokens.length > 0) {
            wanted[tokens.length - 1] = true;
        }
        return new TokenBatch(tokens.clone(), chain(tokens.length), wanted);
    }

    /** A continuation of the committed text; logits for every token. */
    public static TokenBatch allLogits(int... tokens) {
        return new TokenBatch(tokens.clone(), chain(tokens.length), filled(tokens.length, true));
    }

    /** A continuation of the committed text that only fills the cache; no logits. */
    public static TokenBatch noLogits(int... tokens) {
        return new TokenBatch(tokens.clone(), chain(tokens.length), filled(tokens.length, false));
    }

    /**
     * A tree of continuations; logits for every row.
     *
     * @param tokens the token of each row
     * @param parents the parent row of each row: smaller than its own index, or {@link #ROOT}
     * @throws IllegalArgumentException if the lengths differ or a parent does not come before its child
     */
    public static TokenBatch tree(int[] tokens, int[] parents) {
        if (tokens.length != parents.length) {
            throw new IllegalArgumentException("tree of " + tokens.length + " tokens has " + parents.length
                    + " parents: one for each token needed");
        }
        for (int row = 0; row < parents.length; row++) {
            if (parents[row] < ROOT || parents[row] >= row) {
                throw new IllegalArgumentException("row " + row + " of the tree has parent " + parents[row]
                        + ": expected an earlier row or ROOT (-1)");
            }
        }
        return new TokenBatch(tokens.clone(), parents.clone(), filled(tokens.length, true));
    }

    /** Number of rows. */
    public int size() {
        return tokens.length;
    }

    /** The token of a row. */
    public int token(int row) {
        return tokens[row];
    }

    /** The parent of a row, or {@link #ROOT}. */
    public int parent(int row) {
        return parents[row];
    }

    /** Whether the pass returns logits for this row. */
    public boolean logitsWanted(int row) {
        return logitsWanted[row];
    }

    /** Whether every row's parent is the row before it. */
    public boolean isChain() {
        for (int row = 0; row < parents.length; row++) {
            if (parents[row] != row - 1) {
                return false;
            }
        }
        return true;
    }

    private static int[] chain(int length) {
        int[] parents = new int[length];
        Arrays.setAll(parents, row -> row - 1);
        return parents;
    }

    private static boolean[] filled(int length, boolean value) {
        boolean[] wanted = new boolean[length];
        Arrays.fill(wanted, value);
        return wanted;
    }
}
