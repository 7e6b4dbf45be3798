package dev.lathe.spark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Sums in the order of a binary tree over the numbers of the sequences: two nodes are added as soon as both are there, the
 * left one first. Which sums are added in which order depends on the numbers alone, so rounding does too.
 */
final class SumTree {
    private record Place(int level, long index) {}

    private static final Comparator<Place> ORDER = Comparator.comparingLong(
                    (Place place) -> place.index() << place.level())
            .thenComparingInt(Place::level);

    private final Map<Place, SumNode> nodes = new TreeMap<>(ORDER);
    private final List<SumNode> repeated =
            new ArrayList<>(); // told of by the driver, not by a task that is tried again

    void add(SumNode node) {
        SumNode grown = node;
        SumNode sibling = nodes.remove(new Place(grown.level(), grown.index() ^ 1));
        while (sibling != null) {
            grown = grown.parent(sibling);
            sibling = nodes.remove(new Place(grown.level(), grown.index() ^ 1));
        }
        SumNode before = nodes.put(new Place(grown.level(), grown.index()), grown);
        if (before != null) {
            repeated.add(before);
        }
    }

    /** What is left, in the order of the sequences. */
    List<SumNode> nodes() {
        return Stream.concat(nodes.values().stream(), repeated.stream()).toList();
    }

    /**
     * All of it, added from the left.
     *
     * @throws IllegalArgumentException if two sequences have one number
     */
    CalibrationSums total() {
        if (!repeated.isEmpty()) {
            throw twice(repeated.getFirst().first(), repeated.getFirst().last());
        }
        CalibrationSums total = CalibrationSums.NONE;
        SumNode before = null;
        for (SumNode node : nodes.values()) {
            if (before != null && node.first() <= before.last()) {
                throw twice(node.first(), Math.min(node.last(), before.last()));
            }
            total = total.plus(node.sums());
            before = node;
        }
        return total;
    }

    private static IllegalArgumentException twice(long first, long last) {
        return new IllegalArgumentException("two sequences have one number from " + first + " to " + last
                + ": give each sequence a number of its own");
    }
}
