package dev.lathe.decode;

import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Drafts what followed the same tokens earlier in the text: prompt lookup, without a model (Saxena: Prompt Lookup
 * Decoding, 2023). Of all places where the last tokens occurred before, those count that share the longest end with the
 * text; each of them weighs half as much as the next more recent one.
 *
 * <p>Of use where texts repeat themselves: code, editing, answers from documents. Immutable and thread-safe.
 */
final class NgramDraft implements Draft {
    private final int shortest;
    private final int longest;

    private NgramDraft(int shortest, int longest) {
        this.shortest = shortest;
        this.longest = longest;
    }

    static NgramDraft ofLengths(int shortest, int longest) {
        if (shortest < 1 || longest < shortest) {
            throw new IllegalArgumentException("n-gram lengths are " + shortest + " to " + longest
                    + ": expected at least 1, and the longest no shorter than the shortest");
        }
        return new NgramDraft(shortest, longest);
    }

    @Override
    public String name() {
        return "n-gram";
    }

    @Override
    public Draft.Run start(DecodingContext context) {
        return new Run(context);
    }

    @Override
    public String toString() {
        return name() + "[" + shortest + " to " + longest + "]";
    }

    private final class Run implements Draft.Run {
        private static final int MOST_MATCHES = 24;

        private final DecodingContext context;
        private final int[] matches = new int[MOST_MATCHES];
        private int[] text = {};
        private int length;
        private DraftTree tree;

        Run(DecodingContext context) {
            this.context = context;
        }

        @Override
        public FloatMatrix predict(DraftTree asked, int... nodes) {
            if (asked != tree) {
                tree = asked;
                follow();
            }
            FloatMatrix logits = FloatMatrix.zeros(nodes.length, context.model().vocabularySize());
            Arrays.fill(logits.data(), Float.NEGATIVE_INFINITY);
            for (int row = 0; row < nodes.length; row++) {
                weigh(find(tree.path(nodes[row])), logits, row);
            }
            return logits;
        }

        /** Takes over what was committed since. */
        private void follow() {
            if (text.length < context.length()) {
                text = Arrays.copyOf(text, 2 * context.length());
            }
            for (; length < context.length(); length++) {
                text[length] = context.token(length);
            }
        }

        /** The tokens after the most recent of the longest matches go to {@link #matches}; returns how many. */
        private int find(int... path) {
            int best = shortest;
            int count = 0;
            for (int end = length - 2; end >= 0; end--) {
                int shared = sharedEnd(end, path);
                if (shared > best) {
                    best = shared;
                    count = 0;
                }
                if (shared == best && count < MOST_MATCHES) {
                    matches[count++] = text[end + 1];
                }
            }
            return count;
        }

        /** How many tokens up to {@code end} are the last ones of the text with the path, at most the longest. */
        private int sharedEnd(int end, int... path) {
            int last = length + path.length - 1;
            int shared = 0;
            while (shared < longest && shared <= end && text[end - shared] == token(last - shared, path)) {
                shared++;
            }
            return shared;
        }

        private int token(int position, int... path) {
            return position < length ? text[position] : path[position - length];
        }

        private void weigh(int count, FloatMatrix logits, int row) {
            double[] weights = new double[count];
            for (int i = 0; i < count; i++) {
                int token = matches[i];
                int first = IntStream.range(0, count)
                        .filter(j -> matches[j] == token)
                        .findFirst()
                        .orElseThrow();
                weights[first] += StrictMath.scalb(1.0, -i);
            }
            for (int i = 0; i < count; i++) {
                if (weights[i] > 0) {
                    logits.data()[logits.offset(row) + matches[i]] = (float) StrictMath.log(weights[i]);
                }
            }
        }
    }
}
