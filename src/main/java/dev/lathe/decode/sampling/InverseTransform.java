package dev.lathe.decode.sampling;

/** Inverse transform sampling: the outcome that a uniform number stands for. */
public final class InverseTransform {
    private InverseTransform() {}

    /**
     * The index at which the running sum first exceeds a number below the sum of all. That sum may end a rounding
     * lower: then the last index above 0 is meant.
     */
    public static int index(double[] probabilities, int count, double uniform) {
        double sum = 0;
        int last = 0;
        for (int i = 0; i < count; i++) {
            if (probabilities[i] > 0) {
                last = i;
                sum += probabilities[i];
                if (uniform < sum) {
                    break;
                }
            }
        }
        return last;
    }
}
