package dev.lathe.compress.prune;

/** How many single weights are removed, and among which they are chosen. Immutable. */
public sealed interface Sparsity {
    /** The share of weights removed, 0 to 1. */
    double fraction();

    /**
     * Any weights.
     *
     * @param fraction the share removed, 0 to 1; counts are rounded down
     */
    static Sparsity of(double fraction) {
        return new Unstructured(fraction);
    }

    /**
     * So many of every group of consecutive inputs, such as {@code of(2, 4)}.
     *
     * @param removed weights removed of a group
     * @param group its size
     */
    static Sparsity of(int removed, int group) {
        return new Grouped(removed, group);
    }

    /**
     * Any weights.
     *
     * @param fraction the share removed
     */
    record Unstructured(double fraction) implements Sparsity {
        /** Checks the fraction. */
        public Unstructured {
            if (!(fraction >= 0 && fraction <= 1)) {
                throw new IllegalArgumentException("sparsity " + fraction + ": expected 0 to 1");
            }
        }

        @Override
        public String toString() {
            return Math.round(1000 * fraction) / 10.0 + "%";
        }
    }

    /**
     * N of every M consecutive inputs.
     *
     * @param removed weights removed of a group
     * @param group its size
     */
    record Grouped(int removed, int group) implements Sparsity {
        /** Checks the sizes. */
        public Grouped {
            if (group < 1 || removed < 0 || removed > group) {
                throw new IllegalArgumentException(
                        "sparsity " + removed + " of " + group + ": expected 0 <= removed <= group");
            }
        }

        @Override
        public double fraction() {
            return (double) removed / group;
        }

        @Override
        public String toString() {
            return removed + ":" + group;
        }
    }
}
