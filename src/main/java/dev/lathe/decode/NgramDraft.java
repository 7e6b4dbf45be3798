package dev.lathe.decode;

import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;

/**
 * Drafts what followed the same tokens earlier in the text: prompt lookup, without a model (Saxena: Prompt Lookup
 * Decoding, 2023). Every place whose last tokens are those of the text counts, twice as much for each token more that
 * is the same, and half as much as the next more recent one of as many: so how far apart the logits are tells how sure
 * the draft is, as in prediction by partial matching (Cleary and Witten, 1984), where longer contexts are believed
 * before shorter ones. A single token says little, so it counts only where nearly the same has followed it every time.
 *
 * <p>Of use where texts repeat themselves: code, editing, answers from documents. Immutable and thread-safe.
 */
final class NgramDraft implements Draft {
    private static final int LONGEST = 64;

    private final int shortest;
    private final int longest;

    private NgramDraft(int shortest, int longest) {
        this.shortest = shortest;
        this.longest = longest;
    }

    static NgramDraft ofLengths(int shortest, int longest) {
        if (shortest < 1 || longest < shortest || longest > LONGEST) {
            throw new IllegalArgumentException("n-gram lengths are " + shortest + " to " + longest + ": expected 1 to "
                    + LONGEST + ", and the longest no shorter than the shortest");
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
        private static final int MOST_PLACES = 24; // of one length; more would hardly weigh anything
        private static final double LEAST_SHARE = 0.8; // of what followed a single token

        private final DecodingContext context;
        private final int[] places = new int[longest + 1]; // found so far, by how many tokens are the same
        private final int[] tokens = new int[MOST_PLACES * (longest - shortest + 1)];
        private final double[] weights = new double[tokens.length];
        private int count; // of tokens
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
                weigh(tree.path(nodes[row]));
                for (int i = 0; i < count; i++) {
                    logits.data()[logits.offset(row) + tokens[i]] = (float) StrictMath.log(weights[i]);
                }
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

        /** Weighs the tokens after all places that end as the text with the path does. */
        private void weigh(int... path) {
            Arrays.fill(places, 0);
            count = 0;
            int best = 0;
            for (int end = length - 2; end >= 0; end--) {
                int shared = sharedEnd(end, path);
                if (shared >= shortest && places[shared] < MOST_PLACES) {
                    add(text[end + 1], StrictMath.scalb(1.0, shared - shortest - places[shared]));
                    places[shared]++;
                    best = Math.max(best, shared);
                }
            }
            if (best == 1 && longest > 1 && !mostlyOne()) {
                count = 0;
            }
        }

        /** Whether one token has most of the weight. */
        private boolean mostlyOne() {
            double sum = 0;
            double largest = 0;
            for (int i = 0; i < count; i++) {
                sum += weights[i];
                largest = Math.max(largest, weights[i]);
            }
            return largest >= LEAST_SHARE * sum;
        }

        private void add(int token, double weight) {
            int at = 0;
            while (at < count && tokens[at] != token) {
                at++;
            }
            if (at == count) {
                tokens[count] = token;
                weights[count++] = 0;
            }
            weights[at] += weight;
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
    }
}
