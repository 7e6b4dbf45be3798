package dev.lathe.decode.speculative;

import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Distribution;
import dev.lathe.decode.DraftTree;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Tokens drawn without replacement from the draft's distribution, in the order of the draws: the largest of
 * Gumbel-perturbed log-probabilities (Kool, van Hoof, Welling: Stochastic Beams and Where to Find Them, 2019,
 * arXiv:1903.06059).
 *
 * <p>Perturbed values are drawn largest first instead of perturbing every token: the largest of a set is Gumbel around
 * the set's log-probability, its token is independent of the value, and the next is the largest of the others, given
 * that it is smaller (Maddison, Tarlow, Minka: A* Sampling, 2014, arXiv:1411.0030, section 3). The largest after a node
 * has the node's own value, so that values of one level are those of sequences perturbed as a whole.
 */
record PerturbedTokens(DecodingContext context, RandomNumbers random) implements TokenChooser {
    @Override
    public List<Candidate> choose(DraftTree tree, int node, Candidate from, FloatMatrix logits, int row, int count) {
        Distribution distribution = context.distribution(logits, row, tree.path(node));
        tree.drawFrom(node, distribution);
        Remainder remainder = new Remainder(distribution);
        List<Candidate> candidates = new ArrayList<>();
        double value = from.score();
        while (candidates.size() < count && remainder.mass() > 0) {
            if (!candidates.isEmpty()) {
                value = gumbelBelow(value, from.logProbability() + StrictMath.log(remainder.mass()), random.next());
            }
            int token = remainder.draw(random.next());
            double logProbability = from.logProbability() + StrictMath.log(distribution.probability(token));
            candidates.add(new Candidate(node, token, value, logProbability));
            remainder.remove(token);
        }
        return candidates;
    }

    /** A Gumbel variable around a location, given that it is below a bound. */
    static double gumbelBelow(double bound, double location, double uniform) {
        double exponential = -StrictMath.log1p(-uniform);
        return location - StrictMath.log(StrictMath.exp(location - bound) + exponential);
    }
}
