package dev.lathe.decode.exit;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Sampler;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.LayeredModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Stop&amp;Exit for completions: one linear classifier, shared by all layers, tells from the residual stream whether
 * the model will be wrong however deep it goes (stop), is right already (exit), or needs more layers (Sun et al.: When
 * Neural Code Completion Models Size up the Situation, 2024, arXiv:2401.09964). It learns from texts; the model stays
 * as it is.
 *
 * <p>Differs from the paper in two ways: a layer's guess comes from the model's own final norm and head, which need no
 * training, and the residual stream is scaled to a root mean square of 1, as layers differ in size. Immutable and
 * thread-safe.
 */
public final class StopExitClassifier {
    static final int STOP = 0;
    static final int EXIT = 1;
    static final int GO_ON = 2;
    private static final int CLASSES = 3;
    private static final int EPOCHS = 12;
    private static final int BATCH = 32;
    private static final double RATE = 0.01;
    private static final double MOMENTUM_DECAY = 0.9;
    private static final double SQUARE_DECAY = 0.999;
    private static final double EPSILON = 1e-8;

    private final double[][] weights; // [classes][hidden]

    private StopExitClassifier(double[][] weights) {
        this.weights = weights;
    }

    /**
     * Learns from texts, by teacher forcing: a place's label at a layer is stop if no layer's guess is the text's next
     * token, exit from the first layer on whose guess is, and go on before it. Later layers weigh more, as in the
     * paper.
     *
     * @param model a model that can be evaluated layer by layer
     * @param texts tokens of texts, two at least in each
     * @param layers the layers probed, ascending, as for {@link EarlyExitDecoding#layers}
     * @throws IllegalArgumentException if the model cannot be evaluated layer by layer, or a text is too short
     */
    public static StopExitClassifier learn(LanguageModel model, List<int[]> texts, int... layers) {
        Decoding.earlyExit(Exit.never()).layers(layers).check(model, Sampler.greedy());
        List<Example> examples = new ArrayList<>();
        for (int[] text : texts) {
            for (ExitTrace trace : ExitTrace.of((LayeredModel) model, text, 1, layers)) {
                addExamples(trace, examples);
            }
        }
        return new StopExitClassifier(fit(examples));
    }

    /** An exit by this classifier: a decision counts where its probability is above the threshold given for it. */
    public Exit exit(double stopThreshold, double exitThreshold) {
        return probe -> {
            double[] probabilities = probabilities(scaled(probe.hidden()));
            int most = probabilities[STOP] > probabilities[EXIT]
                    ? probabilities[STOP] > probabilities[GO_ON] ? STOP : GO_ON
                    : probabilities[EXIT] > probabilities[GO_ON] ? EXIT : GO_ON;
            return most == STOP && probabilities[STOP] > stopThreshold
                    ? Exit.Decision.GIVE_UP
                    : most == EXIT && probabilities[EXIT] > exitThreshold ? Exit.Decision.EXIT : Exit.Decision.GO_ON;
        };
    }

    /**
     * How often decisions by this classifier are right on texts, for each of some thresholds of both decisions.
     *
     * @param model a model that can be evaluated layer by layer
     * @param texts tokens of texts that it did not learn from
     * @param promptTokens how many tokens at the beginning of each text are not judged; at least 1, and fewer than its
     *     tokens
     * @param layers the layers probed, ascending
     */
    public List<StopExitQuality> measure(
            LanguageModel model, List<int[]> texts, int promptTokens, double[] thresholds, int... layers) {
        Decoding.earlyExit(Exit.never()).layers(layers).check(model, Sampler.greedy());
        List<ExitTrace> traces = new ArrayList<>();
        for (int[] text : texts) {
            traces.addAll(ExitTrace.of((LayeredModel) model, text, promptTokens, layers));
        }
        return Arrays.stream(thresholds)
                .mapToObj(threshold -> StopExitQuality.of(traces, exit(threshold, threshold)))
                .toList();
    }

    /** Labels of the layers probed: 0 for stop, 1 for exit, 2 for go on. */
    static int[] labels(ExitTrace trace) {
        int probes = trace.probes().size();
        int first = 0;
        while (first <= probes && trace.tokenAt(first) != trace.nextToken()) {
            first++;
        }
        int[] labels = new int[probes];
        for (int probe = 0; probe < probes; probe++) {
            labels[probe] = first > probes ? STOP : probe < first ? GO_ON : EXIT;
        }
        return labels;
    }

    /** One layer of one place. */
    private record Example(double[] features, int label, double weight) {}

    private static void addExamples(ExitTrace trace, List<Example> examples) {
        int[] labels = labels(trace);
        double depths = trace.probes().stream().mapToInt(ExitProbe::layer).sum();
        for (int i = 0; i < labels.length; i++) {
            ExitProbe probe = trace.probes().get(i);
            double weight = labels.length * probe.layer() / depths;
            examples.add(new Example(scaled(probe.hidden()), labels[i], weight));
        }
    }

    private static double[] scaled(float[] hidden) {
        double squares = 0;
        for (float value : hidden) {
            squares += (double) value * value;
        }
        double scale = squares == 0 ? 0 : Math.sqrt(hidden.length / squares);
        double[] features = new double[hidden.length];
        Arrays.setAll(features, i -> hidden[i] * scale);
        return features;
    }

    private double[] probabilities(double[] features) {
        return probabilities(weights, features);
    }

    private static double[] probabilities(double[][] weights, double[] features) {
        double[] probabilities = new double[CLASSES];
        double largest = Double.NEGATIVE_INFINITY;
        for (int label = 0; label < CLASSES; label++) {
            for (int i = 0; i < features.length; i++) {
                probabilities[label] += weights[label][i] * features[i];
            }
            largest = Math.max(largest, probabilities[label]);
        }
        double sum = 0;
        for (int label = 0; label < CLASSES; label++) {
            probabilities[label] = StrictMath.exp(probabilities[label] - largest);
            sum += probabilities[label];
        }
        for (int label = 0; label < CLASSES; label++) {
            probabilities[label] /= sum;
        }
        return probabilities;
    }

    /** Weighted cross-entropy by Adam (Kingma, Ba, 2014, arXiv:1412.6980), in one fixed order of strided batches. */
    private static double[][] fit(List<Example> examples) {
        int size = examples.getFirst().features().length;
        double[][] weights = new double[CLASSES][size];
        double[][] means = new double[CLASSES][size];
        double[][] squares = new double[CLASSES][size];
        int batches = Math.max(1, examples.size() / BATCH);
        for (int step = 0; step < EPOCHS * batches; step++) {
            double[][] gradient = new double[CLASSES][size];
            int count = 0;
            for (int i = step % batches; i < examples.size(); i += batches, count++) {
                addGradient(weights, examples.get(i), gradient);
            }
            double meanScale = 1 / (1 - StrictMath.pow(MOMENTUM_DECAY, step + 1));
            double squareScale = 1 / (1 - StrictMath.pow(SQUARE_DECAY, step + 1));
            for (int label = 0; label < CLASSES; label++) {
                for (int i = 0; i < size; i++) {
                    double slope = gradient[label][i] / count;
                    means[label][i] = MOMENTUM_DECAY * means[label][i] + (1 - MOMENTUM_DECAY) * slope;
                    squares[label][i] = SQUARE_DECAY * squares[label][i] + (1 - SQUARE_DECAY) * slope * slope;
                    weights[label][i] -=
                            RATE * meanScale * means[label][i] / (Math.sqrt(squareScale * squares[label][i]) + EPSILON);
                }
            }
        }
        return weights;
    }

    private static void addGradient(double[][] weights, Example example, double[][] gradient) {
        double[] probabilities = probabilities(weights, example.features());
        for (int label = 0; label < CLASSES; label++) {
            double error = example.weight() * (probabilities[label] - (label == example.label() ? 1 : 0));
            for (int i = 0; i < example.features().length; i++) {
                gradient[label][i] += error * example.features()[i];
            }
        }
    }
}
