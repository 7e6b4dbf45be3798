package dev.lathe.tensor.kernel;

/**
 * How rows of activations are taken together, by sixes and fours: six share each weight that is read where registers
 * suffice for their sums, and fours make up what is left with one row too many at most, where there are more than four.
 */
final class RowGroups {
    private RowGroups() {}

    /** How many of the rows that are left come next: 6 or 4. */
    static int next(int left) {
        int remainder = (left + 1 & ~1) % 6;
        return left <= 4 || remainder == 2 || remainder == 4 ? 4 : 6;
    }

    /** The rows that groups of so many read in all, at least 4. */
    static int padded(int rows) {
        int read = 0;
        while (read < rows) {
            read += next(rows - read);
        }
        return read;
    }
}
