package dev.lathe.tensor.codec;

/**
 * Finds the scale under which elements are nearest to the levels, by weighted least squares: elements are assigned to levels
 * for a number of scales that bring the largest element near an end of the levels; for each assignment the best scale follows
 * in closed form; the best of them is refined by assigning anew.
 */
final class ScaleSearch {
    /** Scales tried to each side of an end of the levels, this part of a level's distance from each other. */
    private static final int STEPS = 4;

    private static final float STEP = 0.2f;
    private static final int REFINEMENTS = 3;

    private final LevelTable table;
    private final boolean halfScale;
    private double bestGain;
    private double bestScale;

    /**
     * @param table the levels
     * @param halfScale whether the scale itself is stored, in 16 bits, so that its rounding counts
     */
    ScaleSearch(LevelTable table, boolean halfScale) {
        this.table = table;
        this.halfScale = halfScale;
    }

    /** The best scale of some of a block's elements. */
    double search(WeightedBlock block, int from, int size) {
        float extreme = 0;
        float[] values = block.values();
        for (int i = from; i < from + size; i++) {
            extreme = Math.abs(values[i]) > Math.abs(extreme) ? values[i] : extreme;
        }
        bestGain = 0;
        bestScale = 0;
        if (extreme == 0) {
            return 0;
        }
        for (int step = 0; step <= STEPS; step++) { // from the ends on, which win ties
            float beyond = step * STEP * table.spacing();
            tryScale(block, from, size, extreme / (table.lowest() - beyond));
            tryScale(block, from, size, extreme / (table.lowest() + beyond));
            tryScale(block, from, size, extreme / (table.highest() + beyond));
            tryScale(block, from, size, extreme / (table.highest() - beyond));
        }
        for (int i = 0; i < REFINEMENTS; i++) {
            double before = bestScale;
            tryScale(block, from, size, bestScale);
            if (bestScale == before) {
                break;
            }
        }
        return bestScale;
    }

    /** Assigns elements under a scale, and keeps the scale that is best for the assignment if it is better than others. */
    private void tryScale(WeightedBlock block, int from, int size, double scale) {
        float[] values = block.values();
        float[] weights = block.weights();
        float inverse = (float) (1 / scale);
        double products = 0;
        double squares = 0;
        for (int i = from; i < from + size; i++) {
            float level = table.level(table.nearest(values[i] * inverse));
            float weighted = weights[i] * level;
            products += weighted * values[i];
            squares += weighted * level;
        }
        if (squares > 0) {
            double fitted = products / squares;
            double stored = halfScale ? block.half(fitted) : fitted;
            double gain =
                    stored * (2 * products - stored * squares); // by how much the squared error is below that of zeros
            if (gain > bestGain) {
                bestGain = gain;
                bestScale = stored;
            }
        }
    }
}
