package dev.lathe.decode;

/** Chooses the shape of the next step's tree. One thread at a time. */
interface ShapePlan {
    /** What a step did. */
    record Outcome(int depth, int rows, int committed, long draftNanos, long verifyNanos) {}

    /** The shape to draft now. */
    TreeShape next();

    /** Learns from the step that followed. */
    void observe(Outcome outcome);

    /** Always the same. */
    static ShapePlan fixed(TreeShape shape) {
        return new ShapePlan() {
            @Override
            public TreeShape next() {
                return shape;
            }

            @Override
            public void observe(Outcome outcome) {}
        };
    }
}
