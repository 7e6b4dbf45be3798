package dev.lathe.decode.speculative;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.DecodingStatistics;
import dev.lathe.decode.Draft;
import dev.lathe.decode.DraftTree;
import dev.lathe.decode.DraftingStatistics;
import dev.lathe.tensor.FloatMatrix;
import java.time.Duration;
import java.util.Optional;

/**
 * The step that all drafting strategies share: draft a tree, let the model evaluate it in one pass, commit a path of it
 * and one token more, keep the path's rows.
 */
final class DraftingRun implements Decoding.Run {
    private final String strategy;
    private final String draftName;
    private final DecodingContext context;
    private final TreeGrower grower;
    private final Verifier verifier;
    private long steps;
    private long plainSteps;
    private long tokens;
    private long rows;
    private long draftNanos;
    private long verifyNanos;

    DraftingRun(String strategy, String draftName, DecodingContext context, TreeGrower grower, Verifier verifier) {
        this.strategy = strategy;
        this.draftName = draftName;
        this.context = context;
        this.grower = grower;
        this.verifier = verifier;
    }

    @Override
    public void step() {
        long begin = context.nanoTime();
        int room = context.state().capacity() - context.state().length();
        DraftTree tree = grower.grow(new DraftTree(context.pendingToken()), context.remaining() - 1, room);
        long drafted = context.nanoTime();
        FloatMatrix logits = grower.verify(context.state(), tree);
        long verified = context.nanoTime();
        int[] path = verifier.commit(tree, logits);
        context.state().keep(path);
        grower.observe(tree, path, verified - drafted);
        steps++;
        plainSteps += tree.size() == 1 ? 1 : 0;
        tokens += path.length;
        rows += tree.size();
        draftNanos += drafted - begin;
        verifyNanos += verified - drafted;
    }

    @Override
    public DecodingStatistics statistics() {
        DraftingStatistics drafting = new DraftingStatistics(
                draftName,
                grower.drafts().stream().mapToLong(Draft.Run::passes).sum(),
                grower.drafts().stream().mapToLong(Draft.Run::rows).sum(),
                plainSteps,
                Duration.ofNanos(draftNanos),
                Duration.ofNanos(verifyNanos),
                grower.plan());
        return new DecodingStatistics(
                strategy, steps, tokens, rows, rows - steps, tokens - steps, Optional.of(drafting), Optional.empty());
    }

    @Override
    public void close() {
        grower.close();
    }
}
