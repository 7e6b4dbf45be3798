package dev.lathe.compress.quantize;

import dev.lathe.compress.GramMatrix;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.codec.BlockCodec;
import java.util.List;

/**
 * Finds scales for the input channels of matrices that read the same rows: channels that are large on the texts are scaled up
 * in the weights, and so rounded with less error, and scaled down where they come from. The scales are the channels' root mean
 * squares to a power between 0 and 1, the power with the least squared error of the outputs; 0 scales nothing.
 *
 * <p>Source: Lin et al. 2023, "AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration", arXiv
 * 2306.00978, section 3.2; there with mean magnitudes, and outputs of a sample of tokens in place of their expectation.
 */
final class ChannelScaling {
    private static final int POWERS = 20;
    private static final float LEAST = 1e-4f;

    /** Outputs of each matrix on which powers are compared. */
    private static final int SAMPLED_ROWS = 64;

    /**
     * A matrix and what it will be encoded as.
     *
     * @param weights [outputs x inputs]
     * @param type the type
     */
    record Reader(FloatMatrix weights, TensorType type) {}

    private final List<Reader> readers;
    private final GramMatrix gram;
    private final float[] meanSquares;
    private final Workers workers;

    /**
     * A search.
     *
     * @param readers matrices that read the same rows
     * @param gram of the rows
     * @param meanSquares of the channels, or of groups of channels that share a scale
     */
    ChannelScaling(List<Reader> readers, GramMatrix gram, float[] meanSquares, Workers workers) {
        this.readers = readers;
        this.gram = gram;
        this.meanSquares = meanSquares;
        this.workers = workers;
    }

    /** The scales of the input channels; all ones if nothing is better. */
    float[] search() {
        double[] products = gram.toArray();
        double[] errors = new double[POWERS];
        for (Reader reader : readers) {
            workers.run(POWERS, power -> errors[power] += squaredError(reader, scales(power), products));
        }
        int best = 0;
        for (int power = 1; power < POWERS; power++) {
            if (errors[power] < errors[best]) {
                best = power;
            }
        }
        return scales(best);
    }

    private float[] scales(int power) {
        float[] scales = new float[meanSquares.length];
        double exponent = 0.5 * power / POWERS; // of a square
        float least = Float.POSITIVE_INFINITY;
        float most = 0;
        for (int i = 0; i < scales.length; i++) {
            scales[i] = Math.max(LEAST, (float) StrictMath.pow(meanSquares[i], exponent));
            least = Math.min(least, scales[i]);
            most = Math.max(most, scales[i]);
        }
        float middle = (float) Math.sqrt((double) least * most);
        for (int i = 0; i < scales.length; i++) {
            scales[i] /= middle;
        }
        return scales;
    }

    /** The squared error of some of a matrix's outputs, summed over all inputs. */
    private double squaredError(Reader reader, float[] scales, double[] products) {
        FloatMatrix weights = reader.weights();
        int columns = weights.columns();
        BlockCodec codec = BlockCodec.of(reader.type());
        byte[] blocks = new byte[Math.toIntExact(reader.type().byteCount(columns))];
        float[] importances = new float[columns];
        for (int i = 0; i < columns; i++) {
            importances[i] = (float) (products[i * columns + i] / gram.rows() / scales[i] / scales[i]);
        }
        float[] scaled = new float[columns];
        float[] rounded = new float[columns];
        double[] change = new double[columns];
        int step = Math.max(1, weights.rows() / SAMPLED_ROWS);
        double total = 0;
        for (int row = 0; row < weights.rows(); row += step) {
            int offset = weights.offset(row);
            for (int i = 0; i < columns; i++) {
                scaled[i] = weights.data()[offset + i] * scales[i];
            }
            codec.encode(scaled, 0, importances, 0, blocks, 0, columns);
            codec.decode(blocks, 0, rounded, 0, columns);
            for (int i = 0; i < columns; i++) {
                change[i] = (double) rounded[i] / scales[i] - weights.data()[offset + i];
            }
            total += quadraticForm(products, change);
        }
        return total;
    }

    private static double quadraticForm(double[] products, double[] change) {
        int size = change.length;
        double total = 0;
        for (int i = 0; i < size; i++) {
            double sum = 0;
            for (int j = 0; j < i; j++) {
                sum += products[i * size + j] * change[j];
            }
            total += change[i] * (2 * sum + products[i * size + i] * change[i]);
        }
        return total;
    }
}
