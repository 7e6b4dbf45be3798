package dev.lathe.lab.registry;

import dev.lathe.figures.Table;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was run and what came of it, so that it can be run again. Immutable.
 *
 * <p>After Stanić et al.: The Languini Kitchen, 2023, arXiv:2309.11197, and BARS (Zhu et al.: BARS: Towards Open
 * Benchmarking for Recommender Systems, 2022, arXiv:2205.09626): results are comparable if data, code, options and
 * hardware stand beside them.
 *
 * @param command how to run it
 * @param inputs SHA-256 of every input by its role, such as {@code model} and {@code text}
 * @param code what identifies the code, such as a commit
 * @param options by their names
 * @param machine where it ran
 * @param exact figures that must be the same to the bit anywhere, such as a perplexity
 * @param noisy figures that depend on the machine and the moment, such as tokens a second
 */
public record Manifest(
        String command,
        Map<String, String> inputs,
        String code,
        Map<String, String> options,
        Machine machine,
        Map<String, Double> exact,
        Map<String, Double> noisy) {
    /** Copies the maps, sorted by names; figures must be finite. */
    public Manifest {
        inputs = sorted(inputs);
        options = sorted(options);
        exact = sorted(exact);
        noisy = sorted(noisy);
        for (Map<String, Double> figures : List.of(exact, noisy)) {
            figures.forEach((name, value) -> {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException(
                            "figure " + name + " is " + value + ": expected a finite number");
                }
            });
        }
    }

    private static <V> Map<String, V> sorted(Map<String, V> map) {
        return Collections.unmodifiableMap(new TreeMap<>(map));
    }

    /** Identifies what was run, not what came of it or where: equal for a run and its repetition. */
    public String key() {
        return Hash.ofText(command + "\n" + inputs + "\n" + options).substring(0, 12);
    }

    /**
     * Whether a repetition was asked the same: equal inputs and options. Others have nothing to compare.
     */
    public boolean isRunLike(Manifest repetition) {
        return inputs.equals(repetition.inputs) && options.equals(repetition.options);
    }

    /**
     * Compares a repetition with this run, figure by figure: exact ones first, which must be the same to the bit, then
     * noisy ones, which are held to a tolerance where the repetition ran on the same kind of machine.
     *
     * @param tolerance relative difference that noisy figures may have, above 0, such as 0.2
     */
    public List<Comparison> compare(Manifest repetition, double tolerance) {
        if (!(tolerance > 0)) {
            throw new IllegalArgumentException("a tolerance of " + tolerance + ": noisy figures need one above 0");
        }
        double held = machine.equals(repetition.machine) ? tolerance : Double.POSITIVE_INFINITY;
        List<Comparison> comparisons = new ArrayList<>();
        exact.forEach((name, was) ->
                comparisons.add(new Comparison(name, was, repetition.exact.getOrDefault(name, Double.NaN), 0)));
        noisy.forEach((name, was) ->
                comparisons.add(new Comparison(name, was, repetition.noisy.getOrDefault(name, Double.NaN), held)));
        return comparisons;
    }

    /** A figure of either kind; null where the run has none of that name. */
    public Double figure(String name) {
        return exact.getOrDefault(name, noisy.get(name));
    }

    /** The model's file name, without its folder; the command's default model where none is named. */
    public String modelName() {
        String file = options.getOrDefault("--model", "default model");
        return file.substring(file.lastIndexOf('/') + 1);
    }

    /** As JSON. */
    public String toJson() {
        return JsonValue.of(this).toJson(2) + "\n";
    }

    /**
     * Reads one.
     *
     * @throws IOException if the file cannot be read or holds no manifest
     */
    public static Manifest read(Path file) throws IOException {
        try {
            JsonObject json = (JsonObject) JsonValue.read(file);
            return new Manifest(
                    json.text("command"),
                    texts(json.object("inputs")),
                    json.text("code"),
                    texts(json.object("options")),
                    Machine.of(json.object("machine")),
                    numbers(json.object("exact")),
                    numbers(json.object("noisy")));
        } catch (RuntimeException broken) {
            throw new IOException(file + " holds no manifest: " + broken.getMessage(), broken);
        }
    }

    private static Map<String, String> texts(JsonObject object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.members().keySet().forEach(name -> texts.put(name, object.text(name)));
        return texts;
    }

    private static Map<String, Double> numbers(JsonObject object) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        object.members().keySet().forEach(name -> numbers.put(name, object.doubleValue(name)));
        return numbers;
    }

    /** A model card: what was measured of the model, and how to measure it again. Markdown. */
    public String card(String title) {
        Table figures = Table.of("figure", "value", "repeats");
        for (Map.Entry<String, Double> figure : exact.entrySet()) {
            figures = figures.row(figure.getKey(), figure.getValue(), "to the bit");
        }
        for (Map.Entry<String, Double> figure : noisy.entrySet()) {
            figures = figures.row(figure.getKey(), figure.getValue(), "within noise");
        }
        Table origin = Table.of("input", "SHA-256");
        for (Map.Entry<String, String> input : inputs.entrySet()) {
            origin = origin.row(input.getKey(), input.getValue());
        }
        return "# " + title + "\n\n" + figures.markdown() + "\nMeasured on " + machine.fingerprint() + ", with code "
                + code + ", by\n\n    " + command + "\n\n" + origin.markdown();
    }
}
