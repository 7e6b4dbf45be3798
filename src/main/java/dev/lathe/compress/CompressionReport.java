package dev.lathe.compress;

import java.util.List;
import java.util.Locale;

/**
 * What a recipe did to a model, step by step.
 *
 * @param steps one entry a transform, in their order
 */
public record CompressionReport(List<StepReport> steps) {
    private static final double BITS = 8;

    /** Copies the list. */
    public CompressionReport {
        steps = List.copyOf(steps);
    }

    /** Bytes of all tensors before the first step. */
    public long bytesBefore() {
        return steps.getFirst().bytesBefore();
    }

    /** Bytes of all tensors after the last step. */
    public long bytes() {
        return steps.getLast().bytesAfter();
    }

    /** Elements of all tensors after the last step. */
    public long parameters() {
        return steps.getLast().parametersAfter();
    }

    /** Bits that an element takes on average after the last step. */
    public double bitsPerWeight() {
        return BITS * bytes() / parameters();
    }

    /** A table of the steps, and the notes below it. */
    public String toText() {
        int width = steps.stream().mapToInt(step -> step.step().length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%-" + Math.max(4, width) + "s %14s %14s %8s%n",
                "step",
                "parameters",
                "bytes",
                "seconds"));
        for (StepReport step : steps) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-" + Math.max(4, width) + "s %,14d %,14d %8.1f%n",
                    step.step(),
                    step.parametersAfter(),
                    step.bytesAfter(),
                    step.seconds()));
        }
        for (StepReport step : steps) {
            step.notes()
                    .forEach(note ->
                            text.append(step.step()).append(": ").append(note).append(System.lineSeparator()));
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return toText();
    }
}
