package dev.lathe.decode.speculative;

import dev.lathe.decode.Draft;
import dev.lathe.decode.DraftTree;
import dev.lathe.decode.PlanStatistics;
import dev.lathe.model.InferenceState;
import dev.lathe.tensor.FloatMatrix;
import java.util.List;
import java.util.Optional;

/** Drafts the tree of each step of one generation. */
interface TreeGrower extends AutoCloseable {
    /**
     * Drafts after the tree's root, and returns what is to be verified: the tree, or a part of it.
     *
     * @param levels how deep it may be
     * @param rows how many nodes it may have, the root included
     */
    DraftTree grow(DraftTree tree, int levels, int rows);

    /** What drafts, in the order in which it is asked. */
    List<Draft.Run> drafts();

    /** The target's pass over a tree: by the last draft, since one that works in the target's state answers always. */
    default FloatMatrix verify(InferenceState target, DraftTree tree) {
        return drafts().getLast().verify(target, tree);
    }

    /**
     * Learns from a step.
     *
     * @param path the nodes that were committed, the root first
     */
    default void observe(DraftTree tree, int[] path, long verifyNanos) {}

    /** What a planner made of its drafts; empty where nothing is planned. */
    default Optional<PlanStatistics> plan() {
        return Optional.empty();
    }

    @Override
    default void close() {
        drafts().forEach(Draft.Run::close);
    }
}
