package dev.lathe.decode;

import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;

/** Drafts what the constraint leaves no choice about, such as the names of a schema's members. */
final class ForcedDraft implements Draft {
    static final ForcedDraft INSTANCE = new ForcedDraft();

    private ForcedDraft() {}

    @Override
    public String name() {
        return "forced";
    }

    @Override
    public Draft.Run start(DecodingContext context) {
        return new Run(context);
    }

    @Override
    public String toString() {
        return name();
    }

    private record Run(DecodingContext context) implements Draft.Run {
        @Override
        public FloatMatrix predict(DraftTree tree, int... nodes) {
            FloatMatrix logits = FloatMatrix.zeros(nodes.length, context.model().vocabularySize());
            Arrays.fill(logits.data(), Float.NEGATIVE_INFINITY);
            for (int row = 0; row < nodes.length; row++) {
                int offset = logits.offset(row);
                context.constraint().after(tree.path(nodes[row])).ifPresent(state -> {
                    int[] forced = state.forced();
                    if (forced.length > 0 && forced[0] < logits.columns()) {
                        logits.data()[offset + forced[0]] = 0;
                    }
                });
            }
            return logits;
        }
    }
}
