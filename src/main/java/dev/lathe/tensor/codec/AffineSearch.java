package dev.lathe.tensor.codec;

/**
 * Finds the scale and the minimum under which elements are nearest to the integers from zero up, by weighted least squares:
 * elements are assigned for a number of scales around that which spans them; for each assignment the best scale and minimum
 * follow in closed form; the best of them are refined by assigning anew.
 */
final class AffineSearch {
    /** Scales tried to each side of that which spans the elements, so many levels from each other. */
    private static final int STEPS = 5;

    private static final float STEP = 0.3f;
    /** For each scale the lowest element is so many levels from the lowest level. */
    private static final float[] SHIFTS = {0, -0.5f, 0.5f};

    private static final int REFINEMENTS = 3;

    private final int highest;
    private final boolean signedMinimum;
    private double bestGain;
    private double scale;
    private double minimum;

    /**
     * @param highest integer
     * @param signedMinimum whether the minimum, which is subtracted, may be negative
     */
    AffineSearch(int highest, boolean signedMinimum) {
        this.highest = highest;
        this.signedMinimum = signedMinimum;
    }

    /** The scale that was found; not negative. */
    double scale() {
        return scale;
    }

    /** The minimum that was found, which is subtracted. */
    double minimum() {
        return minimum;
    }

    void search(WeightedBlock block, int from, int size) {
        float[] values = block.values();
        float low = values[from];
        float high = values[from];
        for (int i = from + 1; i < from + size; i++) {
            low = Math.min(low, values[i]);
            high = Math.max(high, values[i]);
        }
        if (!signedMinimum) {
            low = Math.min(low, 0);
        }
        bestGain = Double.NEGATIVE_INFINITY;
        scale = 0;
        minimum = -low;
        if (high == low) {
            return;
        }
        for (int step = -STEPS; step <= STEPS; step++) {
            double span = (high - low) / (highest + step * STEP);
            for (float shift : SHIFTS) {
                tryScale(block, from, size, span, shift * span - low);
            }
        }
        for (int i = 0; i < REFINEMENTS; i++) {
            double before = bestGain;
            tryScale(block, from, size, scale, minimum);
            if (bestGain == before) {
                break;
            }
        }
    }

    private void tryScale(WeightedBlock block, int from, int size, double tried, double triedMinimum) {
        float[] values = block.values();
        float[] weights = block.weights();
        float inverse = (float) (1 / tried);
        float shift = (float) triedMinimum * inverse + 0.5f;
        double sumWeights = 0;
        double sumValues = 0;
        double sumLevels = 0;
        double sumSquares = 0;
        double sumProducts = 0;
        for (int i = from; i < from + size; i++) {
            float weight = weights[i];
            float value = values[i];
            int level = Math.clamp((int) (value * inverse + shift), 0, highest);
            float weighted = weight * level;
            sumWeights += weight;
            sumValues += weight * value;
            sumLevels += weighted;
            sumSquares += weighted * level;
            sumProducts += weighted * value;
        }
        double determinant = sumWeights * sumSquares - sumLevels * sumLevels;
        double fitted = (sumWeights * sumProducts - sumLevels * sumValues) / determinant;
        double fittedMinimum = (sumLevels * sumProducts - sumSquares * sumValues) / determinant;
        if (!(determinant > 0) || !signedMinimum && fittedMinimum < 0) {
            fittedMinimum = 0;
            fitted = sumProducts / sumSquares; // not a number where all levels are zero
        }
        double gain = 2 * (fitted * sumProducts - fittedMinimum * sumValues)
                - fitted * fitted * sumSquares
                + 2 * fitted * fittedMinimum * sumLevels
                - fittedMinimum * fittedMinimum * sumWeights;
        if (fitted > 0 && gain > bestGain) {
            bestGain = gain;
            scale = fitted;
            minimum = fittedMinimum;
        }
    }
}
