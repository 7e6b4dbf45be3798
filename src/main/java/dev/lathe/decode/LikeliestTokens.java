package dev.lathe.decode;

import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * The tokens that the sampler will most likely draw, for verification by match: first the one that it would draw from
 * the draft's logits with the number of that place, then by their probability.
 */
final class LikeliestTokens implements TokenChooser {
    private final DecodingContext context;

    LikeliestTokens(DecodingContext context) {
        this.context = context;
    }

    @Override
    public List<Candidate> choose(DraftTree tree, int node, Candidate from, FloatMatrix logits, int row, int count) {
        int[] path = tree.path(node);
        int guess = context.guess(logits, row, path);
        if (count == 1) {
            return List.of(new Candidate(node, guess, 0, 0));
        }
        Distribution law = context.ranking(logits, row, path);
        long[] keys = new long[law.size()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = Selection.key((float) belief(law, i, guess), i);
        }
        List<Candidate> candidates = new ArrayList<>();
        for (long key : Selection.largest(keys, keys.length, Math.min(count, keys.length))) {
            int index = Selection.index(key);
            double logProbability = from.logProbability() + StrictMath.log(belief(law, index, guess));
            candidates.add(new Candidate(node, law.token(index), logProbability, logProbability));
        }
        return candidates;
    }

    /** Half of the belief is that the sampler's number picks the same token from both laws. */
    private static double belief(Distribution law, int index, int guess) {
        return (law.probabilityAt(index) + (law.token(index) == guess ? 1 : 0)) / 2;
    }
}
