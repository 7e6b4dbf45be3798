package dev.lathe.decode.exit;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Sampler;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.LayeredModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/**
 * Measures early exits on known texts, and finds the loosest threshold that keeps the risk of choosing another token
 * than the whole model (Schuster et al.: Confident Adaptive Language Modeling, 2022, arXiv:2207.07061, section 3.4;
 * Angelopoulos et al.: Learn then Test, 2021, arXiv:2110.01052).
 *
 * <p>Thresholds are tested in order, from the strictest on, until one fails: fixed sequence testing, which needs no
 * correction for their number. The test's p-value is Hoeffding's bound in its relative entropy form, exp(-n
 * kl(measured, risk)), for the mean of n shares between 0 and 1 (Hoeffding: Probability Inequalities for Sums of
 * Bounded Random Variables, 1963, theorem 1).
 *
 * <p>Texts count as independent draws of one distribution, the tokens of a text do not; so many short texts prove more
 * than a few long ones: for a risk of 1 % and an error probability of 5 %, at least 300. Immutable and thread-safe.
 */
public final class ExitCalibration {
    private final LayeredModel model;
    private final int promptTokens;
    private final int[] layers;

    private ExitCalibration(LayeredModel model, int promptTokens, int... layers) {
        this.model = model;
        this.promptTokens = promptTokens;
        this.layers = layers;
    }

    /**
     * Of a model and the layers probed.
     *
     * @param promptTokens how many tokens at the start of each text are its prompt, and not judged; at least 1
     * @param layers ascending, from 1 to one less than the model has, as for {@link EarlyExitDecoding#layers}
     * @throws IllegalArgumentException if the model cannot be evaluated layer by layer
     */
    public static ExitCalibration of(LanguageModel model, int promptTokens, int... layers) {
        Decoding.earlyExit(Exit.never()).layers(layers).check(model, Sampler.greedy());
        return new ExitCalibration((LayeredModel) model, promptTokens, layers.clone());
    }

    /** Measures some exits on the same texts. */
    public List<ExitQuality> measure(List<int[]> texts, List<Exit> exits) {
        List<Sums> sums = exits.stream().map(exit -> new Sums()).toList();
        for (int[] text : texts) {
            List<ExitTrace> traces = ExitTrace.of(model, text, promptTokens, layers);
            for (int i = 0; i < exits.size(); i++) {
                sums.get(i).add(exits.get(i), traces);
            }
        }
        return sums.stream().map(Sums::quality).toList();
    }

    /**
     * Finds the loosest of some thresholds that keeps the risk.
     *
     * @param texts independent texts of one distribution
     * @param exit the exit of a threshold, such as {@code Exit::confidence}
     * @param risk the share of other tokens allowed, such as 0.01
     * @param errorProbability how probable a wrong guarantee may be, such as 0.05
     * @param thresholds from the strictest to the loosest; chosen without a look at the texts
     */
    public CalibratedExit calibrate(
            List<int[]> texts, DoubleFunction<Exit> exit, double risk, double errorProbability, double... thresholds) {
        requireOpenShare("risk", risk);
        requireOpenShare("error probability", errorProbability);
        List<Exit> exits = new ArrayList<>(List.of(Exit.never()));
        Arrays.stream(thresholds).mapToObj(exit).forEach(exits::add);
        List<ExitQuality> qualities = measure(texts, exits);
        int accepted = 0;
        double pValue = 0;
        for (int i = 1; i < exits.size(); i++) {
            double tested = pValue(1 - qualities.get(i).agreement(), risk, texts.size());
            if (tested > errorProbability) {
                break;
            }
            accepted = i;
            pValue = tested;
        }
        return new CalibratedExit(
                exits.get(accepted),
                accepted == 0 ? OptionalDouble.empty() : OptionalDouble.of(thresholds[accepted - 1]),
                risk,
                errorProbability,
                pValue,
                qualities.get(accepted));
    }

    /**
     * How probable a mean of {@code count} shares at most as small as measured is, if its expectation exceeds the risk.
     */
    static double pValue(double measured, double risk, int count) {
        if (measured >= risk) {
            return 1;
        }
        double below = measured == 0 ? 0 : measured * StrictMath.log(measured / risk);
        double above = (1 - measured) * StrictMath.log((1 - measured) / (1 - risk));
        return StrictMath.exp(-count * (below + above));
    }

    private static void requireOpenShare(String name, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(name + " is " + value + ": expected between 0 and 1");
        }
    }

    /** Sums over texts of one exit. */
    private static final class Sums {
        private int texts;
        private long tokens;
        private double agreements;
        private long exitLayers;
        private double losses;
        private double modelLosses;

        void add(Exit exit, List<ExitTrace> traces) {
            int same = 0;
            for (ExitTrace trace : traces) {
                int probe = trace.leavesAt(exit);
                same += trace.tokenAt(probe) == trace.token() ? 1 : 0;
                exitLayers += trace.layerAt(probe);
                losses += trace.losses()[probe];
                modelLosses += trace.losses()[trace.losses().length - 1];
            }
            texts++;
            tokens += traces.size();
            agreements += (double) same / traces.size();
        }

        ExitQuality quality() {
            return new ExitQuality(
                    texts,
                    tokens,
                    agreements / texts,
                    (double) exitLayers / tokens,
                    losses / tokens,
                    modelLosses / tokens);
        }
    }
}
