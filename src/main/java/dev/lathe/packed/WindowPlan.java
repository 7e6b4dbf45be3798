package dev.lathe.packed;

import dev.lathe.packed.PackedTable.Group;
import java.util.Arrays;
import java.util.List;

/**
 * Which layers stay in memory under a limit, and how many places the others are read into.
 *
 * <p>Layers that stay are spread evenly among the others, so that reads go on while they are computed: kept at one end,
 * they would leave the reader idle. A simulation of passes with measured times says how many places pay. Li et al.,
 * "TPI-LLM: Serving 70B-scale LLMs Efficiently on Low-resource Edge Devices", 2024, arXiv 2410.00531, section 3.3.
 *
 * @param groups all that the model needs
 * @param resident by group, whether it stays
 * @param places that the others are read into
 * @param passNanos how long the simulation's pass takes
 */
record WindowPlan(List<Group> groups, boolean[] resident, int places, double passNanos) {
    private static final int MOST_PLACES = 6;
    private static final int PASSES = 4; // the last of them is steady
    private static final double WORTH_IT = 0.99; // one place more has to save that much

    /** Times of one byte. */
    record Times(double readNanos, double computeNanos) {}

    /**
     * The plan with the shortest pass.
     *
     * @throws IllegalArgumentException if the limit is too small; the message says the smallest
     */
    static WindowPlan of(List<Group> groups, long limit, Times times) {
        requireRoom(groups, limit);
        WindowPlan best = null;
        for (int places = 1; places <= MOST_PLACES; places++) {
            WindowPlan plan = fitting(groups, limit, places, times);
            if (plan != null && (best == null || plan.passNanos < best.passNanos * WORTH_IT)) {
                best = plan;
            }
        }
        return best;
    }

    /** Two places where they fit, so that times are measured of reads beside computation; no layer stays. */
    static WindowPlan trial(List<Group> groups, long limit) {
        WindowPlan two = spread(groups, 0, 2, new Times(1, 1));
        return two.memoryBytes() <= limit ? two : spread(groups, 0, 1, new Times(1, 1));
    }

    /** Bytes of what belongs to no layer, and of the largest layer. */
    static long smallestLimit(List<Group> groups) {
        return groups.stream()
                        .mapToLong(group -> isLayer(group) ? 0 : group.byteCount())
                        .sum()
                + largestLayer(groups);
    }

    private static long largestLayer(List<Group> groups) {
        return groups.stream()
                .filter(WindowPlan::isLayer)
                .mapToLong(Group::byteCount)
                .max()
                .orElse(0);
    }

    private static boolean isLayer(Group group) {
        return group.layer() >= 0;
    }

    static void requireRoom(List<Group> groups, long limit) {
        long smallest = smallestLimit(groups);
        if (limit < smallest) {
            throw new IllegalArgumentException("weightMemory is " + limit + " bytes: this model needs at least "
                    + smallest + ", for its embedding and head and for one layer at a time");
        }
    }

    /** As many layers stay as fit beside so many places; null if the places alone do not. */
    private static WindowPlan fitting(List<Group> groups, long limit, int places, Times times) {
        int layers = (int) groups.stream().filter(WindowPlan::isLayer).count();
        for (int staying = layers; staying >= 0; staying--) {
            WindowPlan plan = spread(groups, staying, places, times);
            if (plan.memoryBytes() <= limit) {
                return plan;
            }
        }
        return null;
    }

    private static WindowPlan spread(List<Group> groups, int staying, int places, Times times) {
        int layers = (int) groups.stream().filter(WindowPlan::isLayer).count();
        boolean[] resident = new boolean[groups.size()];
        int layer = 0;
        for (int i = 0; i < resident.length; i++) {
            if (isLayer(groups.get(i))) {
                resident[i] = (long) (layer + 1) * staying / layers > (long) layer * staying / layers;
                layer++;
            } else {
                resident[i] = true;
            }
        }
        int used = Math.min(places, layers - staying);
        return new WindowPlan(groups, resident, used, simulate(groups, resident, used, times));
    }

    /** Bytes of a place: any layer that is read fits. */
    long placeBytes() {
        long most = 0;
        for (int i = 0; i < resident.length; i++) {
            most = Math.max(most, resident[i] ? 0 : groups.get(i).byteCount());
        }
        return most;
    }

    /** Bytes in memory: what stays, and the places. */
    long memoryBytes() {
        long bytes = places * placeBytes();
        for (int i = 0; i < resident.length; i++) {
            bytes += resident[i] ? groups.get(i).byteCount() : 0;
        }
        return bytes;
    }

    /** Bytes that are read for a pass. */
    long streamedBytes() {
        long bytes = 0;
        for (int i = 0; i < resident.length; i++) {
            bytes += resident[i] ? 0 : groups.get(i).byteCount();
        }
        return bytes;
    }

    int streamedLayers() {
        int count = 0;
        for (boolean stays : resident) {
            count += stays ? 0 : 1;
        }
        return count;
    }

    /**
     * Nanoseconds of a pass of one token after others: one reader, one computation. A layer is read when the reader is
     * free and the layer before it in its place was computed; it is computed when it was read and the one before it is
     * done.
     */
    static double simulate(List<Group> groups, boolean[] resident, int places, Times times) {
        double[] placeFree = new double[Math.max(1, places)];
        double readerFree = 0;
        double computed = 0;
        double start = 0;
        for (int pass = 0; pass < PASSES; pass++) {
            start = computed;
            int streamed = 0;
            for (int i = 0; i < resident.length; i++) {
                double bytes = groups.get(i).byteCount();
                if (resident[i]) {
                    computed += bytes * times.computeNanos();
                } else {
                    int place = streamed++ % places;
                    readerFree = Math.max(readerFree, placeFree[place]) + bytes * times.readNanos();
                    computed = Math.max(computed, readerFree) + bytes * times.computeNanos();
                    placeFree[place] = computed;
                }
            }
        }
        return computed - start;
    }

    @Override
    public String toString() {
        return places + " places, resident " + Arrays.toString(resident) + ", a pass of " + passNanos + " ns";
    }
}
