package dev.lathe.model;

import java.util.Arrays;

/**
 * Tokens to evaluate in one pass, after the positions that a state already holds.
 *
 * <p>Each row names its parent: the row before it in its own text, or {@link #ROOT} where it follows the committed
 * text. Rows in one chain are an ordinary continuation; several children of one parent make a tree, in which a row sees
 * the committed text and its ancestors only, at the position given by its depth. A tree may be evaluated in several
 * passes: {@link #grow} adds rows to a batch that a state holds already. Immutable.
 */
public final class TokenBatch {
    /** The parent of a row that directly follows the committed text. */
    public static final int ROOT = -1;

    private final int[] tokens;
    private final int[] parents;
    private final boolean[] logitsWanted;
    private final int evaluatedRows;
    private final Object identity = new Object();
    private final Object grownFrom; // identity of the batch of the evaluated rows, or null

    private TokenBatch(int[] tokens, int[] parents, boolean[] logitsWanted) {
        this(tokens, parents, logitsWanted, 0, null);
    }

    private TokenBatch(int[] tokens, int[] parents, boolean[] logitsWanted, int evaluatedRows, Object grownFrom) {
        this.tokens = tokens;
        this.parents = parents;
        this.logitsWanted = logitsWanted;
        this.evaluatedRows = evaluatedRows;
        this.grownFrom = grownFrom;
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
        return new TokenBatch(new int[0], new int[0], new boolean[0]).withRows(tokens, parents, null);
    }

    /**
     * This batch with further rows, to be evaluated by a state whose last pass was this batch: the state evaluates the
     * new rows alone; logits for every one of them.
     *
     * @param newTokens the token of each new row
     * @param newParents the parent row of each new row, counted over the whole batch: smaller than its own index, or
     *     {@link #ROOT}
     * @throws IllegalArgumentException if the lengths differ or a parent does not come before its child
     */
    public TokenBatch grow(int[] newTokens, int[] newParents) {
        return withRows(newTokens, newParents, this);
    }

    private TokenBatch withRows(int[] newTokens, int[] newParents, TokenBatch evaluated) {
        if (newTokens.length != newParents.length) {
            throw new IllegalArgumentException("tree of " + newTokens.length + " tokens has " + newParents.length
                    + " parents: one for each token needed");
        }
        int size = tokens.length + newTokens.length;
        int[] allTokens = Arrays.copyOf(tokens, size);
        int[] allParents = Arrays.copyOf(parents, size);
        System.arraycopy(newTokens, 0, allTokens, tokens.length, newTokens.length);
        System.arraycopy(newParents, 0, allParents, tokens.length, newTokens.length);
        for (int row = tokens.length; row < size; row++) {
            if (allParents[row] < ROOT || allParents[row] >= row) {
                throw new IllegalArgumentException("row " + row + " of the tree has parent " + allParents[row]
                        + ": expected an earlier row or ROOT (-1)");
            }
        }
        boolean[] wanted = new boolean[size];
        Arrays.fill(wanted, tokens.length, size, true);
        return evaluated == null
                ? new TokenBatch(allTokens, allParents, wanted)
                : new TokenBatch(allTokens, allParents, wanted, tokens.length, evaluated.identity);
    }

    /** Number of rows, those of earlier passes included. */
    public int size() {
        return tokens.length;
    }

    /** Rows at the beginning that a state evaluated in earlier passes: 0 unless the batch was grown. */
    public int evaluatedRows() {
        return evaluatedRows;
    }

    /** Rows that the next pass evaluates. */
    public int newRows() {
        return size() - evaluatedRows;
    }

    /** Rows of logits that the next pass returns. */
    public int newLogits() {
        int wanted = 0;
        for (int row = evaluatedRows; row < logitsWanted.length; row++) {
            wanted += logitsWanted[row] ? 1 : 0;
        }
        return wanted;
    }

    /** Whether this is the given batch with further rows. */
    public boolean isGrownFrom(TokenBatch batch) {
        return batch != null && grownFrom == batch.identity;
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
