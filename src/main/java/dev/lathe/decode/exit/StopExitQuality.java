package dev.lathe.decode.exit;

import java.util.List;

/**
 * How often a {@link StopExitClassifier} is right on texts that it did not learn from: by every layer probed at every
 * place, as it learns.
 *
 * @param decisions decisions judged
 * @param accuracy share of them that are right
 * @param baseRate accuracy of always deciding what is right most often
 * @param stop the decision that the model will be wrong however deep it goes
 * @param exit the decision that it is right already
 */
public record StopExitQuality(long decisions, double accuracy, double baseRate, Decision stop, Decision exit) {
    /**
     * One of the decisions.
     *
     * @param share how often it would be right
     * @param precision how often it was right where it was taken; NaN if it never was
     * @param recall how often it was taken where it was right; NaN if it never was
     */
    public record Decision(double share, double precision, double recall) {
        private static Decision of(long[][] counts, int label, long all) {
            long taken = 0;
            long right = 0;
            for (int other = 0; other < counts.length; other++) {
                taken += counts[other][label];
                right += counts[label][other];
            }
            double both = counts[label][label];
            return new Decision((double) right / all, both / taken, both / right);
        }
    }

    static StopExitQuality of(List<ExitTrace> traces, Exit exit) {
        long[][] counts = new long[3][3]; // [label][decision]
        long all = 0;
        for (ExitTrace trace : traces) {
            int[] labels = StopExitClassifier.labels(trace);
            for (int probe = 0; probe < labels.length; probe++) {
                int decision =
                        switch (exit.decide(trace.probes().get(probe))) {
                            case GIVE_UP -> StopExitClassifier.STOP;
                            case EXIT -> StopExitClassifier.EXIT;
                            case GO_ON -> StopExitClassifier.GO_ON;
                        };
                counts[labels[probe]][decision]++;
                all++;
            }
        }
        long right = 0;
        long most = 0;
        for (int label = 0; label < counts.length; label++) {
            right += counts[label][label];
            most = Math.max(most, counts[label][0] + counts[label][1] + counts[label][2]);
        }
        return new StopExitQuality(
                all,
                (double) right / all,
                (double) most / all,
                Decision.of(counts, StopExitClassifier.STOP, all),
                Decision.of(counts, StopExitClassifier.EXIT, all));
    }
}
