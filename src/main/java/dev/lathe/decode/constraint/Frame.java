package dev.lathe.decode.constraint;

/** Where rules go on that wait for the one under way: a stack that shares what is below. Immutable. */
final class Frame {
    private final int node;
    private final Frame below; // null at the bottom
    private final int hash;

    Frame(int node, Frame below) {
        this.node = node;
        this.below = below;
        this.hash = 31 * hash(below) + node * 0x9E3779B9 + 1;
    }

    /** The node after which the rule that waits goes on. */
    int node() {
        return node;
    }

    Frame below() {
        return below;
    }

    static int hash(Frame frame) {
        return frame == null ? 0 : frame.hash;
    }

    static boolean same(Frame a, Frame b) {
        Frame left = a;
        Frame right = b;
        while (left != right) {
            if (left == null || right == null || left.hash != right.hash || left.node != right.node) {
                return false;
            }
            left = left.below;
            right = right.below;
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Frame frame && same(this, frame);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
