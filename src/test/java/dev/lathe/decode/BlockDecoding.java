package dev.lathe.decode;

import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The plainest exact strategy that commits blocks: drafts are hashed guesses, committed tokens come from the sampler,
 * and a step goes on while the draft guessed them. Drafts a chain, or a tree with two guesses at each place.
 */
final class BlockDecoding implements Decoding {
    private final int draftLength;
    private final boolean tree;
    private final boolean perfect;

    BlockDecoding(int draftLength, boolean tree, boolean perfect) {
        this.draftLength = draftLength;
        this.tree = tree;
        this.perfect = perfect;
    }

    @Override
    public String name() {
        return "block";
    }

    @Override
    public Run start(DecodingContext context) {
        return new Run() {
            private DecodingStatistics done = DecodingStatistics.none(name());

            @Override
            public void step() {
                int perLevel = tree ? 2 : 1;
                int room = context.state().capacity() - context.state().length() - 1;
                int levels = Math.min(draftLength, room / perLevel);
                int[] tokens = new int[1 + levels * perLevel];
                int[] parents = new int[tokens.length];
                tokens[0] = context.pendingToken();
                parents[0] = TokenBatch.ROOT;
                for (int row = 1; row < tokens.length; row++) {
                    int level = (row - 1) / perLevel;
                    boolean first = (row - 1) % perLevel == 0;
                    parents[row] = level == 0 ? 0 : 1 + (level - 1) * perLevel;
                    tokens[row] = perfect && first
                            ? (tokens[parents[row]] + 1) % context.model().vocabularySize()
                            : (context.length() * 7 + row * 3) % context.model().vocabularySize();
                }
                FloatMatrix logits = context.state().forward(TokenBatch.tree(tokens, parents));
                List<Integer> kept = new ArrayList<>();
                int committed = 0;
                int row = 0;
                while (row >= 0) {
                    kept.add(row);
                    int token = context.commit(logits, row);
                    committed++;
                    row = child(tokens, parents, row, token);
                }
                context.state().keep(kept.stream().mapToInt(Integer::intValue).toArray());
                done = new DecodingStatistics(
                        name(),
                        done.steps() + 1,
                        done.tokens() + committed,
                        done.rows() + tokens.length,
                        done.draftedTokens() + tokens.length - 1,
                        done.acceptedTokens() + committed - 1);
            }

            @Override
            public DecodingStatistics statistics() {
                return done;
            }
        };
    }

    private static int child(int[] tokens, int[] parents, int parent, int token) {
        for (int row = parent + 1; row < tokens.length; row++) {
            if (parents[row] == parent && tokens[row] == token) {
                return row;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return "block " + Arrays.asList(draftLength, tree, perfect);
    }
}
