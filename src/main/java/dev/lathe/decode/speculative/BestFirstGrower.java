package dev.lathe.decode.speculative;

import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Draft;
import dev.lathe.decode.DraftTree;
import dev.lathe.decode.sampling.Logits;
import dev.lathe.decode.speculative.TokenChooser.Candidate;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Drafts a number of tokens one after the other, each at the place of the tree that promises most: where the text gets
 * most probably, by how often such tokens were accepted in this generation, and is then continued by this draw.
 *
 * <p>What a place promises comes from the draft's distribution there and from its rank among the place's draws, never
 * from the token that is going to be drawn: so recursive rejection stays exact.
 */
final class BestFirstGrower implements TreeGrower {
    /** A place for one token: after which node, and at which rank. */
    private record Slot(int node, int rank, double reach) {}

    /** What the draft says after a node: its draws in their order, and how far apart the likeliest tokens are. */
    private record Prediction(List<Candidate> draws, int[] gapClasses) {
        static final Prediction NOTHING = new Prediction(List.of(), new int[0]);
    }

    /** What became a node: a draw of this rank, and how probably the text gets there. */
    private record Drawn(Candidate candidate, int rank, int gapClass, double reach) {
        static final Drawn ROOT = new Drawn(Candidate.ROOT, 0, 0, 1);
    }

    private static final Comparator<Slot> MOST_PROMISING = Comparator.comparingDouble(Slot::reach)
            .reversed()
            .thenComparingInt(Slot::node)
            .thenComparingInt(Slot::rank);

    private final Draft.Run draft;
    private final TokenChooser chooser;
    private final int tokens;
    private final AcceptanceTable acceptance = new AcceptanceTable();
    private final List<Drawn> drawn = new ArrayList<>(); // [node of the tree under verification]

    BestFirstGrower(Draft draft, DecodingContext context, TokenChooser chooser, int tokens) {
        this.draft = context.follow(draft);
        this.chooser = chooser;
        this.tokens = tokens;
    }

    @Override
    public DraftTree grow(DraftTree tree, int levels, int rows) {
        List<Prediction> predictions = new ArrayList<>();
        PriorityQueue<Slot> open = new PriorityQueue<>(MOST_PROMISING);
        drawn.clear();
        add(Drawn.ROOT, 0, levels, predictions, open);
        while (tree.size() <= tokens && tree.size() < rows && !open.isEmpty()) {
            Slot slot = open.poll();
            Prediction prediction = predictions.get(slot.node);
            if (prediction == null) { // what the slot promises was a guess so far
                prediction = predict(tree, slot.node);
                predictions.set(slot.node, prediction);
                offer(slot.node, 0, prediction, open);
                continue;
            }
            Candidate candidate = prediction.draws.get(slot.rank);
            int child = tree.size();
            if (tree.draw(slot.node, candidate.token()) == child) {
                Drawn added = new Drawn(candidate, slot.rank, prediction.gapClasses[slot.rank], slot.reach);
                add(added, child, levels - tree.depth(child), predictions, open);
            }
            offer(slot.node, slot.rank + 1, prediction, open);
        }
        return tree;
    }

    /** Notes a node, and that something may follow it. */
    private void add(Drawn node, int index, int levels, List<Prediction> predictions, PriorityQueue<Slot> open) {
        drawn.add(node);
        predictions.add(null);
        if (levels > 0) {
            open.add(new Slot(index, 0, node.reach * acceptance.probability()));
        }
    }

    /** The next slot after a node, if the draft has a token for it. */
    private void offer(int node, int rank, Prediction prediction, PriorityQueue<Slot> open) {
        if (rank < prediction.draws.size()) {
            double probability = acceptance.probability(rank, prediction.gapClasses[rank]);
            open.add(new Slot(node, rank, drawn.get(node).reach * probability));
        }
    }

    private Prediction predict(DraftTree tree, int node) {
        FloatMatrix logits = draft.predict(tree, node);
        if (Logits.nonePossible(logits, 0)) {
            return Prediction.NOTHING;
        }
        int[] largest = Logits.largest(logits, 0, AcceptanceTable.RANKS);
        int[] gapClasses = new int[AcceptanceTable.RANKS];
        for (int rank = 0; rank < gapClasses.length; rank++) {
            int rival = Math.max(1, rank);
            double gap = rival < largest.length
                    ? logits.get(0, largest[0]) - logits.get(0, largest[rival])
                    : Double.POSITIVE_INFINITY;
            gapClasses[rank] = AcceptanceTable.gapClass(gap);
        }
        List<Candidate> draws = chooser.choose(tree, node, drawn.get(node).candidate, logits, 0, AcceptanceTable.RANKS);
        return new Prediction(draws, gapClasses);
    }

    @Override
    public void observe(DraftTree tree, int[] path, long verifyNanos) {
        for (int node = 1; node < tree.size(); node++) {
            if (Arrays.binarySearch(path, tree.parent(node)) >= 0) {
                Drawn tested = drawn.get(node);
                acceptance.observe(tested.rank, tested.gapClass, Arrays.binarySearch(path, node) >= 0);
            }
        }
    }

    @Override
    public List<Draft.Run> drafts() {
        return List.of(draft);
    }
}
