package dev.lathe.decode.speculative;

import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.DraftTree;
import dev.lathe.decode.sampling.Logits;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * The most probable tokens by the draft, for verification by match: what the sampler will most likely draw. The
 * sampler's own most probable token goes first. Only ranks matter here, so probabilities are those among the largest
 * logits.
 */
final class LikeliestTokens implements TokenChooser {
    private static final int LARGEST = 32;

    private final DecodingContext context;

    LikeliestTokens(DecodingContext context) {
        this.context = context;
    }

    @Override
    public List<Candidate> choose(DraftTree tree, int node, Candidate from, FloatMatrix logits, int row, int count) {
        int guess = context.guess(logits, row, tree.path(node));
        if (count == 1) {
            return List.of(new Candidate(node, guess, 0, 0)); // nothing to rank it with
        }
        int[] largest = Logits.largest(logits, row, Math.max(count, LARGEST));
        double top = logits.get(row, largest[0]);
        double total = 0;
        for (int token : largest) {
            total += StrictMath.exp(logits.get(row, token) - top);
        }
        double topLogProbability = from.logProbability() - StrictMath.log(total);
        List<Candidate> candidates = new ArrayList<>();
        candidates.add(new Candidate(node, guess, topLogProbability, topLogProbability));
        for (int i = 0; i < largest.length && candidates.size() < count; i++) {
            if (largest[i] != guess) {
                double logProbability = topLogProbability + logits.get(row, largest[i]) - top;
                candidates.add(new Candidate(node, largest[i], logProbability, logProbability));
            }
        }
        return candidates;
    }
}
