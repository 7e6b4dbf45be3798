package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.IntegerPlane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the bits of a plane's integers lie, found by placing each bit with {@link IntegerPlane#lane}: so the plane stays the only
 * description of its layout.
 *
 * <p>A quad is an int with the bytes of four columns of one output. Where integers have 2, 4 or 8 bits and none crosses a byte
 * ({@link #inBytes}), two words give as many quads as a byte has integers. Others are gathered term by term to a byte each.
 */
final class IntegerFields {
    private static final int COLUMNS = IntegerPlane.BLOCK;
    private static final int LANE_BITS = 16;

    /**
     * Bits of a word that go to two neighbouring bytes of a 16-bit lane, shifted together.
     *
     * @param word of the block
     * @param left places that they move left; negative: right
     * @param mask which bits of the lane they are, when moved
     */
    record Term(int word, int left, int mask) {}

    private final int[][] columnOf; // [word][bit]
    private final int[][] bitOf; // [word][bit]
    private final int bits;

    IntegerFields(IntegerPlane plane) {
        bits = plane.bits();
        columnOf = new int[plane.words()][LANE_BITS];
        bitOf = new int[plane.words()][LANE_BITS];
        for (int[] columns : columnOf) {
            Arrays.fill(columns, -1);
        }
        for (int column = 0; column < COLUMNS; column++) {
            for (int bit = 0; bit < bits; bit++) {
                byte[] codes = new byte[COLUMNS];
                codes[column] = (byte) (1 << bit);
                int[] lanes = new int[plane.words()];
                plane.lanes(codes, 0, lanes);
                for (int word = 0; word < lanes.length; word++) {
                    int lane = lanes[word];
                    if (lane != 0) {
                        columnOf[word][Integer.numberOfTrailingZeros(lane)] = column;
                        bitOf[word][Integer.numberOfTrailingZeros(lane)] = bit;
                    }
                }
            }
        }
    }

    /** Bits of an integer. */
    int bits() {
        return bits;
    }

    /** Whether every byte of a word holds whole integers and nothing else. */
    boolean inBytes() {
        return 8 % bits == 0;
    }

    /** Pairs of words, or of gathered lanes, of a block; each gives {@link #quadsOfPair} quads. */
    int pairs() {
        return 8 / quadsOfPair();
    }

    /** Quads of a pair. */
    int quadsOfPair() {
        return inBytes() ? 8 / bits : 1;
    }

    /** The column of each byte of a block's quads, [8 quads x 4]. */
    int[] order() {
        int[] order = new int[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            int quad = i / 4;
            int pair = quad / quadsOfPair();
            int field = quad % quadsOfPair();
            order[i] = inBytes() ? columnOf[2 * pair + i % 4 / 2][8 * (i % 2) + bits * field] : i;
        }
        return order;
    }

    /** What makes up a 16-bit lane of the integers of two columns. */
    List<Term> terms(int evenColumn) {
        List<Term> terms = new ArrayList<>();
        for (int word = 0; word < columnOf.length; word++) {
            for (int bit = 0; bit < LANE_BITS; bit++) {
                int column = columnOf[word][bit];
                if (column == evenColumn || column == evenColumn + 1) {
                    int target = bitOf[word][bit] + 8 * (column - evenColumn);
                    add(terms, new Term(word, target - bit, 1 << target));
                }
            }
        }
        return terms;
    }

    private static void add(List<Term> terms, Term bit) {
        for (int i = 0; i < terms.size(); i++) {
            Term term = terms.get(i);
            if (term.word == bit.word && term.left == bit.left) {
                terms.set(i, new Term(term.word, term.left, term.mask | bit.mask));
                return;
            }
        }
        terms.add(bit);
    }
}
