package dev.lathe.decode;

import dev.lathe.decode.TokenChooser.Candidate;
import dev.lathe.tensor.FloatMatrix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The step that all drafting strategies share: draft a tree level by level, let the model evaluate it in one pass, commit
 * a path of it and one token more, keep the path's rows.
 */
final class DraftingRun implements Decoding.Run {
    private final String strategy;
    private final String draftName;
    private final DecodingContext context;
    private final Draft.Run draft;
    private final TokenChooser chooser;
    private final Verifier verifier;
    private final ShapePlan plan;
    private long steps;
    private long tokens;
    private long rows;
    private long draftNanos;
    private long verifyNanos;

    DraftingRun(
            String strategy,
            DecodingContext context,
            Draft draft,
            TokenChooser chooser,
            Verifier verifier,
            ShapePlan plan) {
        this.strategy = strategy;
        this.draftName = draft.name();
        this.context = context;
        this.draft = draft.start(context);
        this.chooser = chooser;
        this.verifier = verifier;
        this.plan = plan;
    }

    @Override
    public void step() {
        long begin = context.nanoTime();
        DraftTree tree = new DraftTree(context.pendingToken());
        int depth = grow(tree, plan.next());
        long drafted = context.nanoTime();
        FloatMatrix logits = draft.verify(context.state(), tree);
        long verified = context.nanoTime();
        int[] path = verifier.commit(tree, logits);
        context.state().keep(path);
        steps++;
        tokens += path.length;
        rows += tree.size();
        draftNanos += drafted - begin;
        verifyNanos += verified - drafted;
        plan.observe(new ShapePlan.Outcome(depth, tree.size(), path.length, drafted - begin, verified - drafted));
    }

    /** Drafts as many levels as the shape has, the draft can predict, and the context has room for; returns them. */
    private int grow(DraftTree tree, TreeShape shape) {
        int levels = Math.min(shape.depth(), context.remaining() - 1);
        int room = context.state().capacity() - context.state().length();
        int[] nodes = {0};
        List<Candidate> chosen = List.of(Candidate.ROOT);
        for (int depth = 0; depth < levels; depth++) {
            List<Candidate> selected = shape.select(depth, candidates(tree, nodes, chosen, shape.candidates(depth)));
            if (selected.isEmpty() || tree.size() + selected.size() > room) {
                return depth;
            }
            int before = tree.size();
            chosen = new ArrayList<>();
            for (Candidate candidate : selected) {
                int size = tree.size();
                if (tree.draw(candidate.parent(), candidate.token()) == size) {
                    chosen.add(candidate);
                }
            }
            nodes = new int[tree.size() - before];
            for (int i = 0; i < nodes.length; i++) {
                nodes[i] = before + i;
            }
        }
        return levels;
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
    public DecodingStatistics statistics() {
        DraftingStatistics drafting = new DraftingStatistics(
                draftName, draft.passes(), draft.rows(), Duration.ofNanos(draftNanos), Duration.ofNanos(verifyNanos));
        return new DecodingStatistics(
                strategy, steps, tokens, rows, rows - steps, tokens - steps, Optional.of(drafting), Optional.empty());
    }

    @Override
    public void close() {
        draft.close();
    }
}
