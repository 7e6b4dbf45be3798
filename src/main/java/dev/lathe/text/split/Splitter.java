package dev.lathe.text.split;

/** One step of a pre-tokenizer: cuts a piece of text into smaller ones, which no token will cross. Stateless. */
public interface Splitter {
    /**
     * Where the first of the smaller pieces ends.
     *
     * @param from where the piece begins
     * @param to where the piece ends, larger than {@code from}; what follows it must not matter
     * @return more than {@code from} and at most {@code to}
     */
    int pieceEnd(ScannedText text, int from, int to);

    /** The ends of a text's pieces, ascending, after these steps, each applied to all pieces of the one before. */
    static IntList split(ScannedText text, Splitter... steps) {
        IntList ends = new IntList();
        if (text.length() > 0) {
            ends.add(text.length());
        }
        for (Splitter step : steps) {
            IntList smaller = new IntList();
            int from = 0;
            for (int i = 0; i < ends.size(); i++) {
                while (from < ends.get(i)) {
                    from = step.pieceEnd(text, from, ends.get(i));
                    smaller.add(from);
                }
            }
            ends = smaller;
        }
        return ends;
    }
}
