package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.ActivationForm;
import dev.lathe.tensor.kernel.IntegerPlane;
import dev.lathe.tensor.kernel.TileLayout;

/**
 * How activations lie for products as machine code: in panels of a few rows, one after the other. A panel has for each block of 32
 * columns, row after row, the 32 bytes in the order of the weights' quads; then each row's scale; then for each group of columns
 * with one scale each row's number, an int: the sum of its activations, times minus the center where weights have a sign.
 */
final class PanelForm implements ActivationForm {
    private final int[] order;
    private final int factor;
    private final int groups;

    PanelForm(TileLayout layout) {
        order = new IntegerFields(layout.integers()).order();
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

    /** Bytes of a block of a panel of so many rows. */
    static int blockBytes(int rows, int groups) {
        return rows * (IntegerPlane.BLOCK + 4 + 4 * groups);
    }

    @Override
    public int byteCount(int values) {
        return blockBytes(values / IntegerPlane.BLOCK, groups);
    }
}
