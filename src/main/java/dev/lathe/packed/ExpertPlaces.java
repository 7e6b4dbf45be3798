package dev.lathe.packed;

import dev.lathe.tensor.store.ExpertCacheOptions.Eviction;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.PriorityQueue;
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
    private final PriorityQueue<Leaving> leaving = new PriorityQueue<>(); // as places were when they were put there
    private final boolean[] isLeaving; // by place, whether it is in the queue
    private int busy; // places that are held or pinned
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
        isLeaving = new boolean[places];
        for (int place = 0; place < places; place++) {
            offer(place);
        }
    }

    /** Lets a place be given away unless it is held or pinned. */
    private void offer(int place) {
        if (!isLeaving[place] && !isBusy(place)) {
            leaving.add(leaving(place));
            isLeaving[place] = true;
        }
    }

    private boolean isBusy(int place) {
        return holders[place] > 0 || pinned.get(place);
    }

    private Leaving leaving(int place) {
        int expert = expertIn[place];
        if (expert == NOWHERE) {
            return new Leaving(place, -1, 0);
        }
        return new Leaving(place, eviction == Eviction.LEAST_FREQUENT ? uses[expert] : 0, lastUse[place]);
    }

    /** A place in the order in which experts leave: first those in which nothing is. */
    private record Leaving(int place, long uses, long lastUse) implements Comparable<Leaving> {
        @Override
        public int compareTo(Leaving other) {
            int byUses = Long.compare(uses, other.uses);
            int byTime = byUses != 0 ? byUses : Long.compare(lastUse, other.lastUse);
            return byTime != 0 ? byTime : Integer.compare(place, other.place);
        }
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
        offer(place);
        return place;
    }

    /** Keeps what is in a place there for good. */
    public void pin(int place) {
        busy += isBusy(place) ? 0 : 1;
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
        int kept = busy;
        int missing = 0;
        for (int expert : experts) {
            if (placeOf[expert] == NOWHERE) {
                missing++;
            } else if (!isBusy(placeOf[expert])) {
                kept++;
            }
        }
        return missing <= holders.length - kept;
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
        busy += isBusy(place) ? 0 : 1;
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
        busy -= isBusy(place) ? 0 : 1;
        offer(place);
    }

    /** How often an expert was somewhere when it was taken. */
    public long hits() {
        return hits;
    }

    /** How often it was not. */
    public long misses() {
        return misses;
    }

    /**
     * A free place, or the one whose expert leaves; -1 if all are held or pinned. Uses only grow, so a place that was
     * used since it was put in the queue belongs further back.
     */
    private int victim() {
        for (Leaving next = leaving.poll(); next != null; next = leaving.poll()) {
            int place = next.place();
            isLeaving[place] = false;
            if (next.equals(leaving(place)) && !isBusy(place)) {
                return place;
            }
            offer(place);
        }
        return NOWHERE;
    }
}
