package dev.lathe.lab.predict;

import dev.lathe.figures.Estimate;
import dev.lathe.figures.Summary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * The time of a request as a function of its prompt's and its output's length: T(p, o) = F(p) + g (o - 1). F is a
 * table with straight lines between its entries; the first token comes with it. Immutable.
 *
 * <p>Narayanan et al.: Cheaply Estimating Inference Efficiency Metrics for Autoregressive Transformer Models, NeurIPS
 * 2023. The law holds while attention costs little beside the weights, that is for texts much shorter than six times
 * the hidden size.
 */
public final class RuntimeProfile {
    private final double[] promptTokens;
    private final double[] promptSeconds;
    private final Estimate secondsPerToken;

    private RuntimeProfile(double[] promptTokens, double[] promptSeconds, Estimate secondsPerToken) {
        this.promptTokens = promptTokens;
        this.promptSeconds = promptSeconds;
        this.secondsPerToken = secondsPerToken;
    }

    /**
     * A measured request.
     *
     * @param promptTokens tokens of the prompt, at least 1
     * @param outputTokens tokens generated, at least 1
     * @param seconds how long it took
     */
    public record Run(int promptTokens, int outputTokens, double seconds) {
        /** Checks the numbers. */
        public Run {
            if (promptTokens < 1 || outputTokens < 1 || !(seconds >= 0)) {
                throw new IllegalArgumentException("a run of " + promptTokens + " prompt and " + outputTokens
                        + " output tokens in " + seconds + " s: expected at least one of each and no negative time");
            }
        }
    }

    /**
     * Least squares: one F for each length of prompt, one g for all.
     *
     * @throws IllegalArgumentException if no prompt was run with two lengths of output, which is what tells F and g
     *     apart
     */
    public static RuntimeProfile fit(List<Run> runs) {
        Map<Integer, List<Run>> byPrompt =
                runs.stream().collect(Collectors.groupingBy(Run::promptTokens, TreeMap::new, Collectors.toList()));
        double products = 0;
        double squares = 0;
        for (List<Run> group : byPrompt.values()) {
            double outputs = meanOutput(group);
            double seconds = meanSeconds(group);
            for (Run run : group) {
                products += (run.outputTokens - outputs) * (run.seconds - seconds);
                squares += (run.outputTokens - outputs) * (run.outputTokens - outputs);
            }
        }
        if (squares == 0) {
            throw new IllegalArgumentException(
                    "no prompt length has runs with two output lengths: measure, say, 1 and 32"
                            + " output tokens after the same prompt");
        }
        double slope = Math.max(0, products / squares);
        double[] tokens =
                byPrompt.keySet().stream().mapToDouble(Integer::doubleValue).toArray();
        double[] first = byPrompt.values().stream()
                .mapToDouble(group -> Math.max(0, meanSeconds(group) - slope * (meanOutput(group) - 1)))
                .toArray();
        RuntimeProfile profile = new RuntimeProfile(tokens, first, new Estimate(slope, slope, slope));
        double rest = 0;
        for (Run run : runs) {
            double error = run.seconds - profile.seconds(run.promptTokens, run.outputTokens);
            rest += error * error;
        }
        int freedom = runs.size() - byPrompt.size() - 1;
        double half = freedom < 1
                ? Double.POSITIVE_INFINITY
                : new TDistribution(freedom).inverseCumulativeProbability(0.975) * Math.sqrt(rest / freedom / squares);
        return new RuntimeProfile(tokens, first, new Estimate(slope, slope - half, slope + half));
    }

    /**
     * The same from the fastest of the runs with equal lengths: what others do on the machine only adds time (the
     * paper's denoised runtime).
     */
    public static RuntimeProfile fitFastest(List<Run> runs) {
        return fit(fastest(runs));
    }

    /** Of runs with equal lengths the fastest one, in no order. */
    public static List<Run> fastest(List<Run> runs) {
        Map<List<Integer>, Run> best = runs.stream()
                .collect(Collectors.toMap(
                        run -> List.of(run.promptTokens, run.outputTokens),
                        run -> run,
                        (a, b) -> a.seconds <= b.seconds ? a : b));
        return new ArrayList<>(best.values());
    }

    /**
     * How wrong predictions are for lengths not measured: relative errors, without sign, of each pair of lengths
     * predicted from all the others.
     *
     * @throws IllegalArgumentException if the runs without one pair allow no fit
     */
    public static Summary crossValidate(List<Run> runs) {
        List<Run> cells = fastest(runs);
        return Summary.of(cells.stream()
                .mapToDouble(cell -> {
                    List<Run> others = new ArrayList<>(cells);
                    others.remove(cell);
                    double predicted = fit(others).seconds(cell.promptTokens, cell.outputTokens);
                    return Math.abs(predicted - cell.seconds) / cell.seconds;
                })
                .toArray());
    }

    /** Relative errors, without sign, on runs that were not fitted. */
    public Summary errors(List<Run> runs) {
        return Summary.of(runs.stream()
                .mapToDouble(run -> Math.abs(seconds(run.promptTokens, run.outputTokens) - run.seconds) / run.seconds)
                .toArray());
    }

    /** Predicted time of a request. */
    public double seconds(int prompt, int output) {
        return firstTokenSeconds(prompt) + secondsPerToken.value() * (output - 1);
    }

    /**
     * F: time to the first token. Outside of the prompts measured, the line through the nearest two goes on, but never
     * below the time of one token: the shortest prompt takes a pass, too.
     */
    public double firstTokenSeconds(int prompt) {
        if (promptTokens.length == 1) {
            return promptSeconds[0];
        }
        double line = onLine(prompt);
        boolean measured = prompt >= promptTokens[0] && prompt <= promptTokens[promptTokens.length - 1];
        return measured ? line : Math.max(secondsPerToken.value(), line);
    }

    private double onLine(int prompt) {
        int at = Arrays.binarySearch(promptTokens, prompt);
        int right = Math.clamp(at < 0 ? -at - 1 : at, 1, promptTokens.length - 1);
        double share = (prompt - promptTokens[right - 1]) / (promptTokens[right] - promptTokens[right - 1]);
        return Math.max(0, promptSeconds[right - 1] + share * (promptSeconds[right] - promptSeconds[right - 1]));
    }

    /** g: time of each token after the first, with its 95% interval. */
    public Estimate secondsPerToken() {
        return secondsPerToken;
    }

    private static double meanOutput(List<Run> group) {
        return group.stream().mapToInt(Run::outputTokens).average().orElseThrow();
    }

    private static double meanSeconds(List<Run> group) {
        return group.stream().mapToDouble(Run::seconds).average().orElseThrow();
    }
}
