package dev.lathe.decode.speculative;

import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Distribution;
import dev.lathe.decode.DraftTree;
import dev.lathe.decode.sampling.InverseTransform;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Recursive rejection sampling: goes down from the root, and tests the tokens drafted at each place in the order in
 * which they were drawn. A token is accepted with probability min(1, target / draft); after a rejection the target's
 * distribution is what the draft's did not cover, [target - draft]+ normalised, and the draft's distribution is that of
 * its next draw: without replacement, the distribution without the rejected token (Jeon et al.: Recursive Speculative
 * Decoding, 2024, arXiv:2402.14160, section 3.3); with replacement, the same distribution again (Miao et al.:
 * SpecInfer, 2023, arXiv:2305.09781, section 4.3). One draft a place is speculative sampling.
 *
 * <p>What is committed follows the target's distribution exactly, as long as a draw's distribution is the one tested
 * with, and whether there is a further draw does not depend on what it is.
 */
final class RecursiveRejection implements Verifier {
    private static final double NO_MASS = 1e-12;

    private final DecodingContext context;
    private final boolean withReplacement;
    private final RandomNumbers random;

    RecursiveRejection(DecodingContext context, boolean withReplacement, RandomNumbers random) {
        this.context = context;
        this.withReplacement = withReplacement;
        this.random = random;
    }

    @Override
    public int[] commit(DraftTree tree, FloatMatrix logits) {
        List<Integer> path = new ArrayList<>();
        int node = 0;
        while (node >= 0) {
            path.add(node);
            node = commitNext(tree, node, logits);
        }
        return path.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Commits the token after a node; returns the node of the drafted token accepted, or -1. */
    private int commitNext(DraftTree tree, int node, FloatMatrix logits) {
        Distribution distribution = context.distribution(logits, node);
        double[] target = new double[distribution.size()]; // of what is committed, given the rejections
        Arrays.setAll(target, distribution::probabilityAt);
        Remainder draft = tree.draws(node).isEmpty() ? null : new Remainder(tree.distribution(node));
        for (int child : tree.draws(node)) {
            int token = tree.token(child);
            int index = distribution.indexOf(token);
            if (index >= 0 && random.next() * draft.probability(token) < target[index]) {
                context.commit(token, logits, node);
                return child;
            }
            subtract(target, distribution, draft);
            if (!withReplacement) {
                draft.remove(token);
            }
        }
        context.commit(distribution.token(InverseTransform.index(target, target.length, random.next())), logits, node);
        return -1;
    }

    /** [target - draft]+ normalised; nothing is left only where both are the same but for rounding. */
    private static void subtract(double[] target, Distribution distribution, Remainder draft) {
        double[] left = new double[target.length];
        double mass = 0;
        for (int i = 0; i < left.length; i++) {
            left[i] = Math.max(0, target[i] - draft.probability(distribution.token(i)));
            mass += left[i];
        }
        if (mass > NO_MASS) {
            for (int i = 0; i < left.length; i++) {
                target[i] = left[i] / mass;
            }
        }
    }
}
