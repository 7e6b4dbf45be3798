package dev.lathe.decode.sampling;

/** Which of the tokens stay possible; 0 for topK and 1 or 0 for the shares mean that a step is off. */
public record Truncation(int topK, double typical, double topP, double minP) {
    /** Every step off. */
    public static final Truncation NONE = new Truncation(0, 1, 1, 0);

    /** Drops what does not stay possible, step by step. */
    public void apply(Candidates candidates) {
        if (topK > 0) {
            candidates.keepTopK(topK);
        }
        if (typical < 1) {
            candidates.keepTypical(typical);
        }
        if (topP < 1) {
            candidates.keepTopP(topP);
        }
        if (minP > 0) {
            candidates.keepMinP(minP);
        }
    }

    /** All steps but typical keep the most probable token. */
    public boolean keepsMostProbable() {
        return typical == 1;
    }
}
