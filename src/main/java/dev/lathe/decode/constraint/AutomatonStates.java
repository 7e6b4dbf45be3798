package dev.lathe.decode.constraint;

import dev.lathe.decode.constraint.Automaton.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The states of an automaton that were met so far, on one vocabulary. Bounded: who finds it {@linkplain #isFull() full}
 * goes on among new ones. Thread-safe.
 */
final class AutomatonStates {
    private static final long MOST_BYTES = 64L << 20;
    private static final int STATE_BYTES = 1_500;
    private static final int PLACE_BYTES = 8;
    private static final int CLOSURE_BYTES = 200;
    private static final int MOST_PLACES = 1 << 10; // of one state
    private static final int MOST_MOVES = 1 << 17; // between two bytes
    private static final long MOST_WORK = 1L << 23; // for one mask or token

    private static final Comparator<Place> ORDER =
            Comparator.comparingInt(Place::node).thenComparingInt(place -> Frame.hash(place.stack()));

    private final Automaton automaton;
    private final TokenVocabulary vocabulary; // null where no masks are wanted
    private final ConcurrentMap<AutomatonState, AutomatonState> states = new ConcurrentHashMap<>();
    private final ConcurrentMap<List<Place>, AutomatonState> closures = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong work = new AtomicLong();
    private final AutomatonState none = new AutomatonState(this, new int[0], new Frame[0], false);

    /** Where a byte is read: a node, and what waits for its rule. */
    private record Place(int node, Frame stack) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Place place && node == place.node && Frame.same(stack, place.stack);
        }

        @Override
        public int hashCode() {
            return 31 * Frame.hash(stack) + node;
        }
    }

    AutomatonStates(Automaton automaton, TokenVocabulary vocabulary) {
        this.automaton = automaton;
        this.vocabulary = vocabulary;
    }

    /** Stands for no state. */
    AutomatonState none() {
        return none;
    }

    TokenVocabulary vocabulary() {
        return vocabulary;
    }

    boolean isFull() {
        return bytes.get() > MOST_BYTES;
    }

    /** Gives what follows, up to the next call, a budget of its own. */
    void beginWork() {
        work.set(0);
    }

    AutomatonState start() {
        Deque<Place> open = new ArrayDeque<>();
        open.push(new Place(automaton.start(), null));
        return closure(open);
    }

    /** The state that equals this one. */
    AutomatonState known(AutomatonState state) {
        AutomatonState before = states.putIfAbsent(state, state);
        if (before == null) {
            bytes.addAndGet(STATE_BYTES + (long) PLACE_BYTES * state.size());
        }
        return before == null ? state : before;
    }

    AutomatonState step(AutomatonState from, int b) {
        List<Place> behind = new ArrayList<>();
        for (int i = 0; i < from.size(); i++) {
            Node.Read read = (Node.Read) automaton.node(from.node(i));
            if (contains(read.ranges(), b)) {
                behind.add(new Place(read.next(), from.stack(i)));
            }
        }
        work.addAndGet(from.size());
        if (behind.isEmpty()) {
            return none;
        }
        AutomatonState known = closures.get(behind); // many bytes lead to the same places
        if (known == null) {
            known = closure(new ArrayDeque<>(behind));
            closures.put(behind, known);
            bytes.addAndGet(CLOSURE_BYTES + (long) PLACE_BYTES * behind.size());
        }
        return known;
    }

    /** Writes where a byte leads for all bytes around it that no node tells from it. */
    void fillAlike(AutomatonState from, int b, AutomatonState to, AutomatonState... next) {
        int low = 0;
        int high = 255;
        for (int i = 0; i < from.size(); i++) {
            int[] ranges = ((Node.Read) automaton.node(from.node(i))).ranges();
            for (int r = 0; r < ranges.length; r += 2) {
                if (ranges[r] > b) {
                    high = Math.min(high, ranges[r] - 1);
                } else if (ranges[r + 1] < b) {
                    low = Math.max(low, ranges[r + 1] + 1);
                } else {
                    low = Math.max(low, ranges[r]);
                    high = Math.min(high, ranges[r + 1]);
                }
            }
        }
        Arrays.fill(next, low, high + 1, to);
    }

    private static boolean contains(int[] ranges, int b) {
        for (int i = 0; i < ranges.length; i += 2) {
            if (b >= ranges[i] && b <= ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    /** The mask of a state. Where threads share the states, they share the budget of work. */
    TokenMask mask(AutomatonState state) {
        beginWork();
        TokenMask mask = vocabulary.mask(state);
        bytes.addAndGet(vocabulary.size() / 8);
        if (mask.count() == 0) {
            throw new ConstraintException("no token of the vocabulary goes on here" + expected(state)
                    + (state.accepts() ? " and none ends the text" : ""));
        }
        return mask;
    }

    private String expected(AutomatonState state) {
        return state.size() == 0
                ? ""
                : ": the next byte is to be in "
                        + Arrays.toString(((Node.Read) automaton.node(state.node(0))).ranges());
    }

    /** Follows everything that reads no byte. */
    private AutomatonState closure(Deque<Place> open) {
        if (open.size() == 1 && automaton.node(open.peek().node()) instanceof Node.Read) {
            Place only = open.peek();
            work.incrementAndGet();
            return known(new AutomatonState(this, new int[] {only.node()}, new Frame[] {only.stack()}, false));
        }
        Set<Place> seen = new HashSet<>();
        List<Place> reading = new ArrayList<>();
        boolean accepts = false;
        while (!open.isEmpty()) {
            Place place = open.pop();
            if (!seen.add(place)) {
                continue;
            }
            Node node = automaton.node(place.node());
            if (node instanceof Node.Read) {
                reading.add(place);
            } else if (node instanceof Node.Split split) {
                for (int target : split.targets()) {
                    open.push(new Place(target, place.stack()));
                }
            } else if (node instanceof Node.Call call) {
                boolean last = call.next() == Automaton.END;
                Frame stack = last ? place.stack() : new Frame(call.next(), place.stack());
                open.push(new Place(automaton.start(call.rule()), stack));
            } else if (place.stack() == null) {
                accepts = true;
            } else {
                open.push(new Place(place.stack().node(), place.stack().below()));
            }
            if (seen.size() > MOST_MOVES || reading.size() > MOST_PLACES) {
                throw tooAmbiguous();
            }
        }
        if (work.addAndGet(seen.size()) > MOST_WORK) {
            throw tooAmbiguous();
        }
        reading.sort(ORDER);
        int[] nodes = new int[reading.size()];
        Frame[] stacks = new Frame[reading.size()];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = reading.get(i).node();
            stacks[i] = reading.get(i).stack();
        }
        return known(new AutomatonState(this, nodes, stacks, accepts));
    }

    private static ConstraintException tooAmbiguous() {
        return new ConstraintException(
                "the constraint is too ambiguous: the same text can be read in too many ways; simplify it");
    }
}
