package dev.lathe.decode.speculative;

import dev.lathe.decode.DraftTree;
import dev.lathe.tensor.FloatMatrix;
import java.util.List;

/** Which tokens to draft after a node, by what a draft predicts there. */
interface TokenChooser {
    /**
     * A token that may be drafted.
     *
     * @param score what ranks it among the candidates of all nodes of its level
     * @param logProbability of the whole path that it ends
     */
    record Candidate(int parent, int token, double score, double logProbability) {
        /** Where a tree begins. */
        static final Candidate ROOT = new Candidate(-1, -1, 0, 0);
    }

    /**
     * Candidates after a node, the one to be drafted first in front. Notes the distribution they are drawn from where
     * they are drawn.
     *
     * @param from how the node itself was chosen
     * @param logits the draft's prediction
     * @param count the most candidates wanted
     */
    List<Candidate> choose(DraftTree tree, int node, Candidate from, FloatMatrix logits, int row, int count);
}
