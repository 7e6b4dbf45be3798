package dev.lathe.decode.speculative;

import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Draft;
import dev.lathe.decode.DraftTree;
import dev.lathe.decode.sampling.Logits;
import dev.lathe.decode.speculative.TokenChooser.Candidate;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/** Drafts trees of one shape level by level with one draft. */
final class LevelGrower implements TreeGrower {
    private final Draft.Run draft;
    private final TokenChooser chooser;
    private final TreeShape.Levels shape;

    LevelGrower(Draft draft, DecodingContext context, TokenChooser chooser, TreeShape.Levels shape) {
        this.draft = context.follow(draft);
        this.chooser = chooser;
        this.shape = shape;
    }

    /** Drafts as many levels as the shape has, the draft can predict, and there is room for. */
    @Override
    public DraftTree grow(DraftTree tree, int levels, int rows) {
        int[] nodes = {0};
        List<Candidate> chosen = List.of(Candidate.ROOT);
        for (int depth = 0; depth < Math.min(levels, shape.depth()); depth++) {
            List<Candidate> selected = shape.select(candidates(tree, nodes, chosen, shape.candidates(depth)));
            if (selected.isEmpty() || tree.size() + selected.size() > rows) {
                return tree;
            }
            int before = tree.size();
            chosen = new ArrayList<>();
            for (Candidate candidate : selected) {
                int next = tree.size();
                if (tree.draw(candidate.parent(), candidate.token()) == next) {
                    chosen.add(candidate);
                }
            }
            nodes = tree.nodes(before);
        }
        return tree;
    }

    private List<Candidate> candidates(DraftTree tree, int[] nodes, List<Candidate> chosen, int count) {
        FloatMatrix logits = draft.predict(tree, nodes);
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < nodes.length; i++) {
            if (!Logits.nonePossible(logits, i)) {
                candidates.addAll(chooser.choose(tree, nodes[i], chosen.get(i), logits, i, count));
            }
        }
        return candidates;
    }

    @Override
    public List<Draft.Run> drafts() {
        return List.of(draft);
    }
}
