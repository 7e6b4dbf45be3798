package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/** What encoding loses. */
final class Errors {
    private Errors() {}

    /** Encodes and decodes some elements. */
    static float[] decoded(TensorType type, float[] values, int from, int count, float[] importances) {
        BlockCodec codec = BlockCodec.of(type);
        byte[] encoded = new byte[(int) type.byteCount(count)];
        codec.encode(values, from, importances, 0, encoded, 0, count);
        float[] decoded = new float[count];
        codec.decode(encoded, 0, decoded, 0, count);
        return decoded;
    }

    /** The root of the mean of squared errors, weighted by the importances that were encoded with. */
    static double rootMeanSquare(TensorType type, float[] values, int from, int count, float[] importances) {
        return rootMeanSquare(decoded(type, values, from, count, importances), values, from, importances);
    }

    static double rootMeanSquare(float[] decoded, float[] values, int from, float[] importances) {
        double error = 0;
        double weights = 0;
        for (int i = 0; i < decoded.length; i++) {
            double weight = importances == null ? 1 : importances[i];
            double difference = (double) values[from + i] - decoded[i];
            error += weight * difference * difference;
            weights += weight;
        }
        return weights == 0 ? 0 : Math.sqrt(error / weights);
    }
}
