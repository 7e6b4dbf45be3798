package dev.lathe.tensor.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Buffers of a computation packed into one memory: those that are never in use at the same time may overlap.
 *
 * <p>The largest buffer is placed first, each at the lowest gap that it fits into among those that are in use when it is
 * and have their place already; ties go to the longer use. Where the peak is above the lower bound, other orders are
 * tried, each with two buffers swapped, and the best is kept. Pisarchyk and Lee, "Efficient Memory Management for Deep
 * Neural Net Inference", 2020, arXiv 2001.03288, section 5, has the greedy order.
 */
public final class BufferPlanner {
    private BufferPlanner() {}

    /**
     * A buffer and when it is in use.
     *
     * @param name for whoever reads the plan
     * @param size in any unit
     * @param first the first step that uses it
     * @param last the last one
     */
    public record Buffer(String name, long size, int first, int last) {
        /** Checks size and steps. */
        public Buffer {
            if (size < 0 || last < first) {
                throw new IllegalArgumentException("buffer " + name + " has " + size + " bytes and is in use from step "
                        + first + " to " + last + ": expected at least 0 bytes, and steps in their order");
            }
        }

        private boolean meets(Buffer other) {
            return first <= other.last && other.first <= last;
        }
    }

    /**
     * Where buffers lie.
     *
     * @param buffers what was packed
     * @param offsets of each, in their order
     * @param peak size of the memory
     * @param lowerBound the most that is in use at one time: no plan has a smaller peak
     */
    public record Plan(List<Buffer> buffers, List<Long> offsets, long peak, long lowerBound) {
        /** The sizes of all buffers: the memory that they take where none overlap. */
        public long separate() {
            return buffers.stream().mapToLong(Buffer::size).sum();
        }
    }

    /**
     * Packs buffers.
     *
     * @param attempts how many other orders are tried; 0 for the greedy one alone
     */
    public static Plan plan(List<Buffer> buffers, int attempts) {
        int[] order = IntStream.range(0, buffers.size())
                .boxed()
                .sorted(Comparator.comparingLong((Integer i) -> -buffers.get(i).size())
                        .thenComparingInt(
                                i -> buffers.get(i).first() - buffers.get(i).last()))
                .mapToInt(Integer::intValue)
                .toArray();
        long bound = lowerBound(buffers);
        long[] best = place(buffers, order);
        long peak = peak(buffers, best);
        Random random = new Random(1);
        for (int attempt = 0; attempt < attempts && peak > bound; attempt++) {
            int one = random.nextInt(order.length);
            int other = random.nextInt(order.length);
            swap(order, one, other);
            long[] offsets = place(buffers, order);
            if (peak(buffers, offsets) <= peak) {
                best = offsets;
                peak = peak(buffers, offsets);
            } else {
                swap(order, one, other);
            }
        }
        List<Long> offsets = new ArrayList<>();
        for (long offset : best) {
            offsets.add(offset);
        }
        return new Plan(List.copyOf(buffers), List.copyOf(offsets), peak, bound);
    }

    private static void swap(int[] order, int one, int other) {
        int kept = order[one];
        order[one] = order[other];
        order[other] = kept;
    }

    private static long[] place(List<Buffer> buffers, int... order) {
        long[] offsets = new long[buffers.size()];
        List<Integer> placed = new ArrayList<>();
        for (int index : order) {
            Buffer buffer = buffers.get(index);
            List<Integer> inTheWay = placed.stream()
                    .filter(other -> buffers.get(other).meets(buffer))
                    .sorted(Comparator.comparingLong(other -> offsets[other]))
                    .toList();
            long at = 0;
            for (int other : inTheWay) {
                if (at + buffer.size() <= offsets[other]) {
                    break;
                }
                at = Math.max(at, offsets[other] + buffers.get(other).size());
            }
            offsets[index] = at;
            placed.add(index);
        }
        return offsets;
    }

    private static long peak(List<Buffer> buffers, long... offsets) {
        return IntStream.range(0, offsets.length)
                .mapToLong(i -> offsets[i] + buffers.get(i).size())
                .max()
                .orElse(0);
    }

    private static long lowerBound(List<Buffer> buffers) {
        return buffers.stream()
                .mapToLong(begun -> buffers.stream()
                        .filter(other -> other.first() <= begun.first() && begun.first() <= other.last())
                        .mapToLong(Buffer::size)
                        .sum())
                .max()
                .orElse(0);
    }
}
