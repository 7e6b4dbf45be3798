package dev.lathe.decode.speculative;

import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Draft;
import dev.lathe.decode.speculative.TokenChooser.Candidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** How many tokens are drafted where. */
sealed interface TreeShape {
    /** Starts to draft trees of this shape. */
    TreeGrower grower(Draft draft, DecodingContext context, TokenChooser chooser);

    /** So many tokens, each where it promises most. */
    record Budget(int tokens) implements TreeShape {
        @Override
        public TreeGrower grower(Draft draft, DecodingContext context, TokenChooser chooser) {
            return new BestFirstGrower(draft, context, chooser, tokens);
        }

        @Override
        public String toString() {
            return "budget[" + tokens + "]";
        }
    }

    /** A shape that is drafted level by level, whatever the draft predicts. */
    sealed interface Levels extends TreeShape {
        /** Levels below the root. */
        int depth();

        /** How many candidates each node of the level above this depth is asked for. */
        int candidates(int depth);

        /** Those of the candidates of a level that are drafted, each node's in the order chosen. */
        List<Candidate> select(List<Candidate> candidates);

        @Override
        default TreeGrower grower(Draft draft, DecodingContext context, TokenChooser chooser) {
            return new LevelGrower(draft, context, chooser, this);
        }
    }

    /** Every node of a level has the same number of children; one each is a chain. */
    record Branching(int... counts) implements Levels {
        @Override
        public int depth() {
            return counts.length;
        }

        @Override
        public int candidates(int depth) {
            return counts[depth];
        }

        @Override
        public List<Candidate> select(List<Candidate> candidates) {
            return candidates;
        }

        @Override
        public String toString() {
            return "branching" + Arrays.toString(counts);
        }
    }

    /** The best sequences of each level, wherever they branch. */
    record Beam(int width, int depth) implements Levels {
        @Override
        public int candidates(int depth) {
            return width;
        }

        @Override
        public List<Candidate> select(List<Candidate> candidates) {
            List<Candidate> best = new ArrayList<>(candidates);
            best.sort(Comparator.comparingDouble(Candidate::score).reversed());
            return best.subList(0, Math.min(width, best.size()));
        }

        @Override
        public String toString() {
            return "beam[" + width + " x " + depth + "]";
        }
    }
}
