package dev.lathe.decode;

import dev.lathe.decode.sampling.Logits;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;

/** One draft, and another for the places where the first predicts nothing. */
final class FirstPrediction implements Draft {
    private final Draft first;
    private final Draft second;

    FirstPrediction(Draft first, Draft second) {
        this.first = Objects.requireNonNull(first, "first");
        this.second = Objects.requireNonNull(second, "second");
    }

    @Override
    public String name() {
        return first.name() + ", else " + second.name();
    }

    @Override
    public void check(LanguageModel target) {
        first.check(target);
        second.check(target);
    }

    @Override
    public Draft.Run start(DecodingContext context) {
        return new Run(context.follow(first), context.follow(second));
    }

    @Override
    public String toString() {
        return name();
    }

    private record Run(Draft.Run first, Draft.Run second) implements Draft.Run {
        @Override
        public FloatMatrix predict(DraftTree tree, int... nodes) {
            FloatMatrix logits = first.predict(tree, nodes);
            int[] open = IntStream.range(0, nodes.length)
                    .filter(row -> Logits.nonePossible(logits, row))
                    .toArray();
            if (open.length == 0) {
                return logits;
            }
            FloatMatrix others = second.predict(
                    tree, Arrays.stream(open).map(row -> nodes[row]).toArray());
            if (open.length == nodes.length) {
                return others;
            }
            for (int i = 0; i < open.length; i++) {
                System.arraycopy(
                        others.data(), others.offset(i), logits.data(), logits.offset(open[i]), logits.columns());
            }
            return logits;
        }

        /** By the second draft, which may work in the target's state; one that does is never at a loss. */
        @Override
        public FloatMatrix verify(InferenceState target, DraftTree tree) {
            return second.verify(target, tree);
        }

        @Override
        public int missingRows(DraftTree tree, int node) {
            return second.missingRows(tree, node);
        }

        @Override
        public long passes() {
            return first.passes() + second.passes();
        }

        @Override
        public long rows() {
            return first.rows() + second.rows();
        }

        @Override
        public void close() {
            first.close();
            second.close();
        }
    }
}
