package dev.lathe.compress.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.compress.GramMatrix;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.codec.BlockCodec;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class GptqProperties {
    private static final TensorType[] TYPES = {
        TensorType.Q4_0,
        TensorType.Q5_1,
        TensorType.Q8_0,
        TensorType.IQ4_NL,
        TensorType.MXFP4,
        TensorType.Q4_K,
        TensorType.Q2_K,
        TensorType.Q6_K,
        TensorType.TQ2_0
    };

    /** Never worse than rounding to nearest, on any inputs. */
    @Slow
    @Property(tries = 40)
    void neverMakesTheOutputsWorse(@ForAll long seed, @ForAll @IntRange(max = 8) int type, @ForAll boolean related) {
        Random random = new Random(seed);
        int columns = 256;
        SiteInput input = SiteInput.of(gram(random, columns, related));
        InverseFactor factor = InverseFactor.of(input.gram(), Workers.single());
        float[] weights = weights(random, columns);
        RowRounding nearest = RowRounding.nearest(TYPES[type], input.importances());
        byte[] plain = rounded(TYPES[type], nearest, weights);
        byte[] compensated = rounded(
                TYPES[type],
                new Gptq(TYPES[type], factor, RowRounding.BlockFit.weighted(TYPES[type], input.importances()), nearest),
                weights);
        double before = Gptq.squaredError(TYPES[type], factor, weights, plain);
        double after = Gptq.squaredError(TYPES[type], factor, weights, compensated);
        assertTrue(after <= before, after + " > " + before);
    }

    /** What is gained where inputs go together, over many rows of weights: on some it is little. */
    @Slow
    @Example
    void makesOutputsMuchBetterWhereInputsGoTogether() {
        double before = 0;
        double after = 0;
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            SiteInput input = SiteInput.of(gram(random, 256, true));
            InverseFactor factor = InverseFactor.of(input.gram(), Workers.single());
            float[] weights = weights(random, 256);
            RowRounding nearest = RowRounding.nearest(TensorType.Q4_0, input.importances());
            RowRounding.BlockFit fit = RowRounding.BlockFit.weighted(TensorType.Q4_0, input.importances());
            byte[] plain = rounded(TensorType.Q4_0, nearest, weights);
            byte[] compensated = rounded(TensorType.Q4_0, new Gptq(TensorType.Q4_0, factor, fit, nearest), weights);
            double error = Gptq.squaredError(TensorType.Q4_0, factor, weights, plain);
            before += 1;
            after += Gptq.squaredError(TensorType.Q4_0, factor, weights, compensated) / error;
        }
        assertTrue(after < 0.8 * before, after + " of " + before);
    }

    /** Inputs that have nothing to do with each other let no weight make up for another. */
    @Property(tries = 20)
    void roundsToNearestWhereInputsAreUnrelated(@ForAll long seed, @ForAll @IntRange(max = 8) int type) {
        Random random = new Random(seed);
        int columns = 256;
        FloatMatrix identity = FloatMatrix.zeros(columns, columns);
        for (int i = 0; i < columns; i++) {
            identity.data()[i * columns + i] = 2;
        }
        GramMatrix gram = new GramMatrix(columns);
        gram.add(identity, Workers.single());
        SiteInput input = SiteInput.of(gram);
        RowRounding nearest = RowRounding.nearest(TYPES[type], input.importances());
        Gptq gptq = new Gptq(
                TYPES[type],
                InverseFactor.of(gram, Workers.single()),
                RowRounding.BlockFit.weighted(TYPES[type], input.importances()),
                nearest);
        float[] weights = weights(random, columns);
        assertArrayEquals(decoded(TYPES[type], nearest, weights), decoded(TYPES[type], gptq, weights));
    }

    /** What the factor says of an error is what the Gram matrix, damped, says. */
    @Property(tries = 20)
    void theFactorMeasuresErrors(@ForAll long seed, @ForAll @IntRange(min = 1, max = 70) int columns) {
        Random random = new Random(seed);
        GramMatrix gram = gram(random, columns, true);
        double[] h = gram.toArray();
        double trace = 0;
        for (int i = 0; i < columns; i++) {
            trace += h[i * columns + i];
        }
        double[] change = random.doubles(columns, -1, 1).toArray();
        double expected = 0;
        for (int i = 0; i < columns; i++) {
            for (int j = 0; j < columns; j++) {
                double damped = h[i * columns + j] + (i == j ? 0.01 * trace / columns : 0);
                expected += change[i] * damped * change[j];
            }
        }
        try (Workers two = Workers.of(2)) {
            InverseFactor alone = InverseFactor.of(gram, Workers.single());
            double error = alone.squaredError(change.clone());
            assertEquals(expected, error, 1e-8 * expected);
            assertEquals(error, InverseFactor.of(gram, two).squaredError(change.clone()), "threads change no bit");
        }
    }

    private static GramMatrix gram(Random random, int columns, boolean related) {
        FloatMatrix rows = FloatMatrix.zeros(3 * columns, columns);
        for (int row = 0; row < rows.rows(); row++) {
            float common = (float) random.nextGaussian();
            for (int column = 0; column < columns; column++) {
                float own = (float) random.nextGaussian();
                rows.data()[rows.offset(row) + column] = related ? 2 * common + own : own;
            }
        }
        GramMatrix gram = new GramMatrix(columns);
        gram.add(rows, Workers.single());
        return gram;
    }

    private static float[] weights(Random random, int columns) {
        float[] weights = new float[columns];
        for (int i = 0; i < columns; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        return weights;
    }

    private static byte[] rounded(TensorType type, RowRounding rounding, float[] weights) {
        byte[] blocks = new byte[(int) type.byteCount(weights.length)];
        rounding.round(weights, blocks);
        return blocks;
    }

    private static float[] decoded(TensorType type, RowRounding rounding, float[] weights) {
        float[] decoded = new float[weights.length];
        BlockCodec.of(type).decode(rounded(type, rounding, weights), 0, decoded, 0, decoded.length);
        return decoded;
    }
}
