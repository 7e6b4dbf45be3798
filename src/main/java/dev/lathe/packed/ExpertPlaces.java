package dev.lathe.packed;

import dev.lathe.tensor.store.ExpertCacheOptions.Eviction;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Which experts are in which of a few places, and which of them leaves when another one is needed. Bookkeeping alone:
 * reads nothing. Not thread-safe.
 *
 * <p>Experts are numbered over all layers. Those that are held, and those that are pinned, never leave.
 */
public final class ExpertPlaces {
    private static final int NOWHERE = -1;

    private final Eviction eviction;
    private final int[] placeOf; // by expert
    private final int[] expertIn; // by place
    private final int[] holders; // by place
    private final long[] lastUse; // by place
    private final long[] uses; // by expert
    private final BitSet pinned = new BitSet(); // places
    private long clock;
    private long hits;
    private long misses;
    private long prefetches;

    /** Places of which none is taken. */
    public ExpertPlaces(int experts, int places, Eviction eviction) {
        this.eviction = eviction;
        placeOf = new int[experts];
        Arrays.fill(placeOf, NOWHERE);
        expertIn = new int[places];
        Arrays.fill(expertIn, NOWHERE);
        holders = new int[places];
        lastUse = new long[places];
        uses = new long[experts];
    }

    /**
     * Gives an expert a free place, as if it had been taken and released.
     *
     * @return the place
     * @throws IllegalStateException if no place is free
     */
    public int put(int expert) {
        int place = victim();
        if (place == NOWHERE || expertIn[place] != NOWHERE) {
            throw new IllegalStateException("none of " + expertIn.length + " places is free for expert " + expert);
        }
        put(expert, place);
        return place;
    }

    /** Keeps what is in a place there for good. */
    public void pin(int place) {
        pinned.set(place);
    }

    /** Keeps so many of the experts there for good: the ones that were used most. */
    public void pinMostUsed(int count) {
        IntStream.range(0, expertIn.length)
                .filter(place -> expertIn[place] != NOWHERE && !pinned.get(place))
                .boxed()
                .sorted(Comparator.comparingLong((Integer place) -> -uses[expertIn[place]]))
                .limit(count)
                .forEach(this::pin);
    }

    /**
     * Holds an expert that will be needed, in a place that it takes from another one; it counts as no use.
     *
     * @return whether it is held, and has to be read: not if it is there already, or no place is free for it
     */
    public boolean takeAhead(int expert) {
        if (placeOf[expert] != NOWHERE || !canTake(expert)) {
            return false;
        }
        int place = victim();
        remove(place);
        put(expert, place);
        hold(place);
        prefetches++;
        return true;
    }

    /** How many experts were taken ahead of their use. */
    public long prefetches() {
        return prefetches;
    }

    /** How many experts never leave. */
    public int pinned() {
        return pinned.cardinality();
    }

    /** How many places there are. */
    public int places() {
        return expertIn.length;
    }

    /** Where an expert is; -1 if it is nowhere. */
    public int place(int expert) {
        return placeOf[expert];
    }

    /** Whether different experts could be held now. */
    public boolean canTake(int... experts) {
        int missing = 0;
        BitSet kept = (BitSet) pinned.clone();
        for (int expert : experts) {
            if (placeOf[expert] == NOWHERE) {
                missing++;
            } else {
                kept.set(placeOf[expert]);
            }
        }
        for (int place = 0; place < holders.length; place++) {
            if (holders[place] > 0) {
                kept.set(place);
            }
        }
        return missing <= holders.length - kept.cardinality();
    }

    /**
     * Holds different experts, each in a place; those that were nowhere take the places of others.
     *
     * @return for each whether it was nowhere, and has to be read
     * @throws IllegalStateException unless {@link #canTake} says that they can be
     */
    public boolean[] take(int... experts) {
        boolean[] missing = new boolean[experts.length];
        clock++;
        for (int i = 0; i < experts.length; i++) {
            missing[i] = placeOf[experts[i]] == NOWHERE;
            uses[experts[i]]++;
            if (!missing[i]) {
                hold(placeOf[experts[i]]);
                hits++;
            }
        }
        for (int i = 0; i < experts.length; i++) {
            if (missing[i]) {
                int place = victim();
                if (place == NOWHERE) {
                    throw new IllegalStateException("all of " + expertIn.length + " places are held");
                }
                remove(place);
                put(experts[i], place);
                hold(place);
                misses++;
            }
        }
        return missing;
    }

    private void hold(int place) {
        holders[place]++;
        lastUse[place] = clock;
    }

    private void put(int expert, int place) {
        expertIn[place] = expert;
        placeOf[expert] = place;
    }

    /** The expert in a place could not be read: it is nowhere, though the place is held. */
    public void remove(int place) {
        if (expertIn[place] != NOWHERE) {
            placeOf[expertIn[place]] = NOWHERE;
            expertIn[place] = NOWHERE;
        }
    }

    /** Ends one hold of a place. */
    public void release(int place) {
        holders[place]--;
    }

    /** How often an expert was somewhere when it was taken. */
    public long hits() {
        return hits;
    }

    /** How often it was not. */
    public long misses() {
        return misses;
    }

    /** A free place, or the one whose expert leaves; -1 if all are held or pinned. */
    private int victim() {
        int best = NOWHERE;
        for (int place = 0; place < expertIn.length; place++) {
            if (holders[place] > 0 || pinned.get(place)) {
                continue;
            }
            if (expertIn[place] == NOWHERE) {
                return place;
            }
            if (best == NOWHERE || leavesBefore(place, best)) {
                best = place;
            }
        }
        return best;
    }

    private boolean leavesBefore(int place, int other) {
        if (eviction == Eviction.LEAST_FREQUENT && uses[expertIn[place]] != uses[expertIn[other]]) {
            return uses[expertIn[place]] < uses[expertIn[other]];
        }
        return lastUse[place] < lastUse[other];
    }
}
