package dev.lathe.decode.speculative;

import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Distribution;
import dev.lathe.decode.DraftTree;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/** Tokens drawn independently from the draft's distribution: the same one may come twice. */
record IndependentTokens(DecodingContext context, RandomNumbers random) implements TokenChooser {
    @Override
    public List<Candidate> choose(DraftTree tree, int node, Candidate from, FloatMatrix logits, int row, int count) {
        Distribution distribution = context.distribution(logits, row, tree.path(node));
        tree.drawFrom(node, distribution);
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int token = distribution.draw(random.next());
            double logProbability = from.logProbability() + StrictMath.log(distribution.probability(token));
            candidates.add(new Candidate(node, token, logProbability, logProbability));
        }
        return candidates;
    }
}
