package dev.lathe.decode;

import dev.lathe.model.InferenceState;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;

/** A draft's predictions without what the text's constraint does not allow, so that no such token is drafted. */
record MaskedDraft(Draft.Run run, DecodingContext context) implements Draft.Run {
    @Override
    public FloatMatrix predict(DraftTree tree, int... nodes) {
        FloatMatrix logits = run.predict(tree, nodes);
        int columns = logits.columns();
        float[] masked = new float[nodes.length * columns];
        Arrays.fill(masked, Float.NEGATIVE_INFINITY);
        for (int row = 0; row < nodes.length; row++) {
            int to = row * columns;
            int from = logits.offset(row);
            context.constraint()
                    .mask(tree.path(nodes[row]))
                    .ifPresent(mask -> mask.copyAllowed(logits.data(), from, masked, to, columns));
        }
        return new FloatMatrix(masked, nodes.length, columns);
    }

    @Override
    public FloatMatrix verify(InferenceState target, DraftTree tree) {
        return run.verify(target, tree);
    }

    @Override
    public int missingRows(DraftTree tree, int node) {
        return run.missingRows(tree, node);
    }

    @Override
    public long passes() {
        return run.passes();
    }

    @Override
    public long rows() {
        return run.rows();
    }

    @Override
    public void close() {
        run.close();
    }
}
