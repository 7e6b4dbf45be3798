package dev.lathe.compress.search;

import dev.lathe.tensor.FloatMatrix;
import java.util.List;

/** Compares hidden rows of texts. */
final class HiddenRows {
    private HiddenRows() {}

    /** The mean over tokens of |change|² / |hidden row|². */
    static double relativeChange(List<FloatMatrix> before, List<FloatMatrix> after) {
        double sum = 0;
        long count = 0;
        for (int text = 0; text < before.size(); text++) {
            FloatMatrix a = before.get(text);
            FloatMatrix b = after.get(text);
            for (int row = 0; row < a.rows(); row++) {
                double change = 0;
                double length = 0;
                for (int i = a.offset(row); i < a.offset(row + 1); i++) {
                    double difference = (double) a.data()[i] - b.data()[i];
                    change += difference * difference;
                    length += (double) a.data()[i] * a.data()[i];
                }
                sum += length > 0 ? change / length : 0;
            }
            count += a.rows();
        }
        return sum / count;
    }
}
