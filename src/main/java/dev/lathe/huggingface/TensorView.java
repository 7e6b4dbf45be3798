package dev.lathe.huggingface;

import dev.lathe.safetensors.StoredTensor;
import dev.lathe.text.json.JsonException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbers of a stored tensor in another order, or some of them: what a family says about tensors that a GGUF file has otherwise.
 * Nothing is read before {@link #map}. Immutable.
 *
 * @param stored where the numbers are
 * @param start the first one
 * @param axes lengths and distances, the outermost first
 */
record TensorView(StoredTensor stored, long start, List<Axis> axes) {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    /**
     * An axis of the view.
     *
     * @param steps one, or several where axes were joined, the outermost first
     */
    record Axis(List<Step> steps) {
        long length() {
            return steps.stream().mapToLong(Step::count).reduce(1, Math::multiplyExact);
        }
    }

    /**
     * Numbers at equal distances.
     *
     * @param count how many
     * @param distance numbers of the stored tensor from one to the next
     */
    record Step(long count, long distance) {}

    /** A tensor as it is stored. */
    static TensorView of(StoredTensor stored) {
        List<Axis> axes = new ArrayList<>();
        long distance = 1;
        for (long length : stored.shape().reversed()) {
            axes.addFirst(new Axis(List.of(new Step(length, distance))));
            distance *= length;
        }
        return new TensorView(stored, 0, List.copyOf(axes));
    }

    /** Lengths of the axes. */
    List<Long> shape() {
        return axes.stream().map(Axis::length).toList();
    }

    /** How many numbers. */
    long elementCount() {
        return new Axis(steps()).length();
    }

    /** Two axes of one: it must be as long as both demand. */
    TensorView split(int axis, long outer, long inner) {
        List<Step> steps = new ArrayList<>(axis(axis).steps);
        Step last = steps.removeLast();
        long length = axis(axis).length();
        if (outer < 1 || inner < 1 || last.count % inner != 0 || length % outer != 0 || length / outer != inner) {
            throw new JsonException("tensor " + stored.name() + " is " + stored.shape() + ", the configuration demands "
                    + outer + " times " + inner + " instead of " + length);
        }
        steps.add(new Step(last.count / inner, last.distance * inner));
        List<Axis> result = new ArrayList<>(axes);
        result.set(axis, new Axis(List.copyOf(steps)));
        result.add(axis + 1, new Axis(List.of(new Step(inner, last.distance))));
        return new TensorView(stored, start, result);
    }

    /** One axis of two neighbours. */
    TensorView join(int axis) {
        List<Step> steps = new ArrayList<>(axis(axis).steps);
        steps.addAll(axis(axis + 1).steps);
        List<Axis> result = new ArrayList<>(axes);
        result.remove(axis + 1);
        result.set(axis, new Axis(List.copyOf(steps)));
        return new TensorView(stored, start, result);
    }

    /** An axis and its neighbour in each other's place. */
    TensorView swap(int axis) {
        List<Axis> result = new ArrayList<>(axes);
        result.set(axis, axis(axis + 1));
        result.set(axis + 1, axis(axis));
        return new TensorView(stored, start, result);
    }

    /** A part of an axis. */
    TensorView range(int axis, long from, long count) {
        Step step = step(axis);
        if (from < 0 || count < 1 || from > step.count - count) {
            throw new JsonException("tensor " + stored.name() + " is " + stored.shape() + ", expected more than " + from
                    + " of " + step.count);
        }
        List<Axis> result = new ArrayList<>(axes);
        result.set(axis, new Axis(List.of(new Step(count, step.distance))));
        return new TensorView(stored, start + from * step.distance, result);
    }

    /** One of an axis's equal parts. */
    TensorView part(int axis, int part, int parts) {
        long length = step(axis).count / parts;
        return split(axis, parts, length).range(axis, part, 1).join(axis);
    }

    /** Each second of an axis, from the first or the second on. */
    TensorView everySecond(int axis, int first) {
        return split(axis, step(axis).count / 2, 2).range(axis + 1, first, 1).join(axis);
    }

    /** One in a stack of such tensors. */
    TensorView stacked() {
        List<Axis> result = new ArrayList<>(axes);
        result.addFirst(new Axis(List.of(new Step(1, 0))));
        return new TensorView(stored, start, result);
    }

    private Axis axis(int axis) {
        if (axis < 0 || axis >= axes.size()) {
            throw new JsonException("tensor " + stored.name() + " is " + stored.shape() + ", expected more axes");
        }
        return axes.get(axis);
    }

    private Step step(int axis) {
        List<Step> steps = axis(axis).steps;
        if (steps.size() != 1) {
            throw new IllegalStateException("axis " + axis + " of " + stored.name() + " is joined");
        }
        return steps.getFirst();
    }

    private List<Step> steps() {
        return axes.stream().flatMap(axis -> axis.steps.stream()).toList();
    }

    /** As few steps as give the same order. */
    private List<Step> merged() {
        List<Step> merged = new ArrayList<>();
        for (Step step : steps()) {
            Step last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && last.distance == step.count * step.distance) {
                merged.set(merged.size() - 1, new Step(last.count * step.count, step.distance));
            } else if (step.count > 1) {
                merged.add(step);
            }
        }
        return merged.isEmpty() ? List.of(new Step(1, 1)) : merged;
    }

    /** Some of the numbers, in the order of the view: mapped where they are neighbours, else copied. */
    MemorySegment map(FolderWeights files, long from, long count, Arena arena) throws IOException {
        int size = stored.type().byteCount();
        List<Step> steps = merged();
        if (steps.size() == 1 && steps.getFirst().distance == 1) {
            return files.map(stored, (start + from) * size, count * size, arena);
        }
        MemorySegment result = arena.allocate(count * size, Long.BYTES);
        try (Arena reading = Arena.ofConfined()) {
            Step inner = steps.getLast();
            long[] ends = ends(steps, from, count);
            MemorySegment source = files.map(stored, ends[0] * size, (ends[1] - ends[0]) * size, reading);
            for (long done = 0; done < count; ) {
                long place = (from + done) % inner.count;
                long run = Math.min(inner.count - place, count - done);
                long first = (start + offset(steps, from + done) - ends[0]) * size;
                if (inner.distance == 1) {
                    MemorySegment.copy(source, first, result, done * size, run * size);
                } else {
                    copyApart(source, first, inner.distance * size, result, done * size, run, size);
                }
                done += run;
            }
        }
        return result;
    }

    /** The first of the stored numbers that are wanted, and the one after the last. */
    private long[] ends(List<Step> steps, long from, long count) {
        Step inner = steps.getLast();
        long[] ends = {Long.MAX_VALUE, 0};
        for (long done = 0; done < count; ) {
            long run = Math.min(inner.count - (from + done) % inner.count, count - done);
            long first = start + offset(steps, from + done);
            ends[0] = Math.min(ends[0], first);
            ends[1] = Math.max(ends[1], first + (run - 1) * inner.distance + 1);
            done += run;
        }
        return ends;
    }

    /** Numbers at equal distances in bytes become neighbours. */
    private static void copyApart(
            MemorySegment source, long first, long distance, MemorySegment target, long to, long count, int size) {
        for (long i = 0; i < count; i++) {
            long from = first + i * distance;
            switch (size) {
                case Byte.BYTES -> target.set(ValueLayout.JAVA_BYTE, to + i, source.get(ValueLayout.JAVA_BYTE, from));
                case Short.BYTES -> target.set(SHORT, to + i * Short.BYTES, source.get(SHORT, from));
                default -> MemorySegment.copy(source, from, target, to + i * size, size);
            }
        }
    }

    private static long offset(List<Step> steps, long index) {
        long offset = 0;
        for (Step step : steps.reversed()) {
            offset += index % step.count * step.distance;
            index /= step.count;
        }
        return offset;
    }
}
