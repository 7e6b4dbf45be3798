package dev.lathe.decode;

/** Which of the tokens stay possible; 0 for topK and 1 or 0 for the shares mean that a step is off. */
record Truncation(int topK, double typical, double topP, double minP) {
    static final Truncation NONE = new Truncation(0, 1, 1, 0);

    void apply(Candidates candidates) {
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
    boolean keepsMostProbable() {
        return typical == 1;
    }
}
