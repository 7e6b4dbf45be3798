package dev.lathe.tensor.codec;

/** Assigns elements to the levels of a grid that is fixed. */
final class Assignment {
    private final LevelTable table;

    Assignment(LevelTable table) {
        this.table = table;
    }

    /** The weighted squared error of some of a block's elements under a scale and a minimum. */
    double error(WeightedBlock block, int from, int size, double scale, double minimum) {
        float[] values = block.values();
        float[] weights = block.weights();
        float inverse = inverse(scale);
        float low = (float) minimum;
        double error = 0;
        for (int i = from; i < from + size; i++) {
            double level = table.level(table.nearest((values[i] + low) * inverse));
            double difference = values[i] - (scale * level - minimum);
            error += weights[i] * difference * difference;
        }
        return error;
    }

    /** The minimum with the least error for the levels that elements are assigned to under a scale and another minimum. */
    double minimum(WeightedBlock block, int from, int size, double scale, double near) {
        float[] values = block.values();
        float[] weights = block.weights();
        float inverse = inverse(scale);
        float low = (float) near;
        double sum = 0;
        double sumWeights = 0;
        for (int i = from; i < from + size; i++) {
            double level = table.level(table.nearest((values[i] + low) * inverse));
            sum += weights[i] * (scale * level - values[i]);
            sumWeights += weights[i];
        }
        return sum / sumWeights;
    }

    /** The scale with the least error for the levels that elements are assigned to under another scale and a minimum. */
    double scale(WeightedBlock block, int from, int size, double near, double minimum) {
        float[] values = block.values();
        float[] weights = block.weights();
        float inverse = inverse(near);
        float low = (float) minimum;
        double products = 0;
        double squares = 0;
        for (int i = from; i < from + size; i++) {
            double level = table.level(table.nearest((values[i] + low) * inverse));
            products += weights[i] * level * (values[i] + minimum);
            squares += weights[i] * level * level;
        }
        return squares > 0 ? products / squares : 0;
    }

    /** The codes of some of a block's elements under a scale and a minimum. */
    void codes(WeightedBlock block, int from, int size, double scale, double minimum, byte[] codes) {
        float[] values = block.values();
        float inverse = inverse(scale);
        float low = (float) minimum;
        for (int i = from; i < from + size; i++) {
            codes[i] = table.code(table.nearest((values[i] + low) * inverse));
        }
    }

    private static float inverse(double scale) {
        return scale == 0 ? 0 : (float) (1 / scale);
    }
}
