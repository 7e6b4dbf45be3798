package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.ActivationForm;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.TileLayout;

/**
 * How activations lie for products as machine code: in panels of a few rows, one after the other. A panel has for each block of 32
 * columns, row after row, the 32 values in the order of the weights' quads, as bytes or {@linkplain ByteDot#WORDS 16
 * bits}; then each row's scale; then for each group of columns with one scale each row's number: an int, the sum of its
 * activations times minus the center, where weights have a sign; a float, that sum times the row's scale, where they
 * have minima.
 */
final class PanelForm implements ActivationForm {
    private final int[] order;
    private final int factor;
    private final int groups;
    private final int valueBytes;
    private final boolean hasScaledSums;

    PanelForm(TileLayout layout, ByteDot dot) {
        order = new IntegerFields(layout.integers()).order();
        valueBytes = dot.valueBytes();
        hasScaledSums = layout.scales().hasMinimum();
        if (valueBytes == 2) { // the even bytes of a quad, then the odd ones: so they are widened
            for (int i = 1; i < order.length; i += 4) {
                int odd = order[i];
                order[i] = order[i + 1];
                order[i + 1] = odd;
            }
        }
        factor = layout.signed() ? -layout.integers().center() : 1;
        groups = IntegerPlane.BLOCK / layout.scales().columns();
    }

    /** The column of each byte of a block. */
    int[] order() {
        return order.clone();
    }

    /** What a group's sum is multiplied by. */
    int factor() {
        return factor;
    }

    /** Groups of a block. */
    int groups() {
        return groups;
    }

    /** Whether the numbers of groups are floats: sums times the row's scale. */
    boolean hasScaledSums() {
        return hasScaledSums;
    }

    /** Bytes of a value: 1 or 2. */
    int valueBytes() {
        return valueBytes;
    }

    /** Bytes of a row's values of a block. */
    int rowBytes() {
        return IntegerPlane.BLOCK * valueBytes;
    }

    /** Bytes of a block of a panel of so many rows. */
    int blockBytes(int rows) {
        return rows * (rowBytes() + 4 + 4 * groups);
    }

    @Override
    public int byteCount(int values) {
        return blockBytes(values / IntegerPlane.BLOCK);
    }
}
