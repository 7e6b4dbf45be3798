package dev.lathe.decode.speculative;

import dev.lathe.decode.DraftTree;
import dev.lathe.tensor.FloatMatrix;

/** Commits tokens by the model's logits at the nodes of a tree. */
interface Verifier {
    /**
     * Commits the drafted tokens that are accepted, and one more.
     *
     * @param logits [nodes x vocabulary]
     * @return the nodes on the path that was committed, the root first; the last token committed is in no node
     */
    int[] commit(DraftTree tree, FloatMatrix logits);
}
