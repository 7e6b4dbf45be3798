package dev.lathe.compress.quantize;

/** Adds up squares of weights and of their changes. */
final class ChangeSum {
    private double weights;
    private double changes;

    void add(float[] before, float[] after) {
        for (int i = 0; i < before.length; i++) {
            double change = (double) after[i] - before[i];
            weights += (double) before[i] * before[i];
            changes += change * change;
        }
    }

    /** Root mean square of all changes over that of all weights; sums are added in their order. */
    static double relative(ChangeSum... sums) {
        double weights = 0;
        double changes = 0;
        for (ChangeSum sum : sums) {
            weights += sum.weights;
            changes += sum.changes;
        }
        return changes == 0 ? 0 : Math.sqrt(changes / weights);
    }
}
