package dev.lathe.compress;

import dev.lathe.figures.Table;
import dev.lathe.model.config.TensorName;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

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

    /**
     * Tables of the steps and of the tensors they changed, those of all layers in one line, and the notes below. Errors are
     * root mean squares over the tensors of a line.
     */
    public String toText() {
        Table table = Table.of("step", "parameters", "bytes", "bits/weight", "seconds");
        for (StepReport step : steps) {
            table = table.row(
                    step.step(),
                    format("%,d", step.parametersAfter()),
                    format("%,d", step.bytesAfter()),
                    format("%.3f", BITS * step.bytesAfter() / step.parametersAfter()),
                    format("%.1f", step.seconds()));
        }
        StringBuilder text = new StringBuilder(table.text());
        for (StepReport step : steps) {
            if (!step.tensors().isEmpty()) {
                text.append('\n').append(tensors(step).text());
            }
        }
        for (StepReport step : steps) {
            step.notes()
                    .forEach(note ->
                            text.append(step.step()).append(": ").append(note).append('\n'));
        }
        return text.toString();
    }

    private static Table tensors(StepReport step) {
        Map<String, List<TensorReport>> kinds = new LinkedHashMap<>();
        for (TensorReport tensor : step.tensors()) {
            kinds.computeIfAbsent(TensorName.of(tensor.name()).pattern(), kind -> new ArrayList<>())
                    .add(tensor);
        }
        Table table = Table.of("tensors", "count", "types", "bytes", "relative error");
        for (Map.Entry<String, List<TensorReport>> entry : kinds.entrySet()) {
            List<TensorReport> tensors = entry.getValue();
            table = table.row(
                    entry.getKey(),
                    format("%d", tensors.size()),
                    tensors.stream().map(TensorReport::type).collect(Collectors.toCollection(TreeSet::new)).stream()
                            .map(Enum::name)
                            .collect(Collectors.joining(" ")),
                    format(
                            "%,d",
                            tensors.stream().mapToLong(TensorReport::byteCount).sum()),
                    meanError(tensors));
        }
        return table;
    }

    /** A dash where shapes cannot be compared. */
    private static String meanError(List<TensorReport> tensors) {
        double error = Math.sqrt(tensors.stream()
                .mapToDouble(tensor -> tensor.relativeError() * tensor.relativeError())
                .average()
                .orElse(0));
        return Double.isNaN(error) ? "-" : format("%.5f", error);
    }

    /**
     * The report as a JSON object: {@code bytesBefore}, {@code bytes}, {@code parameters}, {@code bitsPerWeight} and {@code
     * steps}, in each of these the components of {@link StepReport} and {@link TensorReport} by their names. An error that
     * cannot be told is null.
     */
    public String toJson() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("bytesBefore", bytesBefore());
        report.put("bytes", bytes());
        report.put("parameters", parameters());
        report.put("bitsPerWeight", bitsPerWeight());
        report.put("steps", steps.stream().map(CompressionReport::members).toList());
        return JsonValue.of(report).toJson();
    }

    private static Map<String, Object> members(StepReport step) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("step", step.step());
        members.put("parametersBefore", step.parametersBefore());
        members.put("parametersAfter", step.parametersAfter());
        members.put("bytesBefore", step.bytesBefore());
        members.put("bytesAfter", step.bytesAfter());
        members.put("seconds", step.seconds());
        members.put(
                "tensors",
                step.tensors().stream().map(CompressionReport::members).toList());
        members.put("notes", step.notes());
        return members;
    }

    private static Map<String, Object> members(TensorReport tensor) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", tensor.name());
        members.put("type", tensor.type());
        members.put("dimensions", tensor.dimensions());
        members.put("byteCount", tensor.byteCount());
        members.put("relativeError", tensor.relativeError());
        members.put("note", tensor.note());
        return members;
    }

    private static String format(String format, Object value) {
        return String.format(Locale.ROOT, format, value);
    }

    @Override
    public String toString() {
        return toText();
    }
}
