package dev.lathe.model.decoder;

import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.RopeConfig;
import dev.lathe.model.config.RopeConfig.Scaling;
import dev.lathe.model.config.TensorRole;

/** The angles of rotary positions: the same bits on every machine. Immutable. */
final class Rope {
    private final double[] frequencies; // [dimensions / 2] radians a position
    private final double magnitude;

    /**
     * @param factors divisors of the frequencies, [dimensions / 2], or empty
     */
    Rope(RopeConfig config, float[] factors) {
        int half = config.dimensions() / 2;
        frequencies = new double[half];
        for (int i = 0; i < half; i++) {
            double trained = StrictMath.pow(config.base(), -2.0 * i / config.dimensions());
            frequencies[i] = (factors.length > 0 ? trained / factors[i] : trained) * stretch(config, i);
        }
        magnitude = switch (config.scaling()) {
            case Scaling.Yarn yarn -> magnitude(yarn);
            case Scaling.ByContext byContext -> byContext.attentionFactor();
            case Scaling.None none -> 1;
            case Scaling.Linear linear -> 1;
        };
    }

    /**
     * The angles of a model.
     *
     * @param weights hold divisors of the frequencies, where the model has some
     * @param capacity how many positions a text may have
     */
    static Rope of(RopeConfig config, WeightGroup weights, int capacity) {
        TensorRole factors = config.scaling() instanceof Scaling.ByContext byContext
                ? capacity > byContext.originalContextLength()
                        ? TensorRole.LONG_ROPE_FACTORS
                        : TensorRole.SHORT_ROPE_FACTORS
                : TensorRole.ROPE_FACTORS;
        return new Rope(config, weights.vector(factors));
    }

    private static double stretch(RopeConfig config, int pair) {
        return switch (config.scaling()) {
            case Scaling.None none -> 1;
            case Scaling.ByContext byContext -> 1;
            case Scaling.Linear(double factor) -> 1 / factor;
            case Scaling.Yarn yarn -> {
                double fast = pairOfTurns(config, yarn, yarn.betaFast());
                double slowest = pairOfTurns(config, yarn, yarn.betaSlow());
                double low = Math.max(0, yarn.truncated() ? Math.floor(fast) : fast);
                double high = Math.min(config.dimensions() - 1, yarn.truncated() ? Math.ceil(slowest) : slowest);
                double slow = Math.clamp((pair - low) / Math.max(0.001, high - low), 0.0, 1.0);
                yield slow / yarn.factor() + (1 - slow);
            }
        };
    }

    /** The pair, as a real number, that turns so many times over the original context. */
    private static double pairOfTurns(RopeConfig config, Scaling.Yarn yarn, double turns) {
        double wavelength = yarn.originalContextLength() / (turns * 2 * Math.PI);
        return config.dimensions() * StrictMath.log(wavelength) / (2 * StrictMath.log(config.base()));
    }

    private static double magnitude(Scaling.Yarn yarn) {
        double growth = growth(yarn.factor(), 1);
        double takenBack = yarn.logMultiplier() == 0 ? 1 : growth(yarn.factor(), yarn.logMultiplier());
        return growth / takenBack * yarn.attentionFactor();
    }

    private static double growth(double factor, double multiplier) {
        return factor <= 1 ? 1 : 0.1 * multiplier * StrictMath.log(factor) + 1;
    }

    /** Number of pairs that rotate: the length of a row of the tables. */
    int half() {
        return frequencies.length;
    }

    /** Writes the cosines and sines of one position at {@code offset}. */
    void angles(int position, float[] cos, float[] sin, int offset) {
        for (int i = 0; i < frequencies.length; i++) {
            double angle = position * frequencies[i];
            cos[offset + i] = (float) (StrictMath.cos(angle) * magnitude);
            sin[offset + i] = (float) (StrictMath.sin(angle) * magnitude);
        }
    }
}
