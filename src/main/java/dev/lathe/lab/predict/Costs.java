package dev.lathe.lab.predict;

import dev.lathe.lab.registry.Hash;
import dev.lathe.lab.registry.Machine;
import dev.lathe.tensor.TensorType;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What operations take on some machines, and the file that people exchange it in: JSON with its format's name and
 * version, and a SHA-256 of the machines, so that a file that was cut or edited is refused. Immutable.
 *
 * <p>After Xiang et al.: NCPP: Nova CPU Performance Predictor on a Novel Dataset, 2024, whose data base of processors'
 * scores grows by what others measure.
 *
 * @param machines each once, by their names
 */
public record Costs(List<MachineCosts> machines) {
    private static final String FORMAT = "lathe-costs";
    private static final int VERSION = 1;

    /** Merges entries of the same machine. */
    public Costs {
        Map<String, MachineCosts> byName = new TreeMap<>();
        machines.forEach(machine -> byName.merge(machine.name(), machine, MachineCosts::merge));
        machines = List.copyOf(byName.values());
    }

    /** These and others' measurements: in any order, and any number of times, the same. */
    public Costs merge(Costs other) {
        return new Costs(
                Stream.concat(machines.stream(), other.machines.stream()).toList());
    }

    /** How many operations were measured on all machines. */
    public int size() {
        return machines.stream()
                .mapToInt(machine -> machine.observations().size())
                .sum();
    }

    /** Writes the file; a reader meanwhile sees the old one or the new one. */
    public void write(Path file) throws IOException {
        JsonValue content = JsonValue.of(machines);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("format", FORMAT);
        json.put("version", VERSION);
        json.put("sha256", Hash.ofText(content.toJson()));
        json.put("machines", machines);
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.writeString(part, JsonValue.of(json).toJson(1) + "\n");
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /**
     * Reads a file that {@link #write} wrote, here or elsewhere.
     *
     * @throws IOException if it cannot be read, is of another format or a newer version, was changed, or holds numbers that
     *     no measurement gives
     */
    public static Costs read(Path file) throws IOException {
        try {
            JsonObject json = (JsonObject) JsonValue.read(file);
            if (!json.text("format").equals(FORMAT)) {
                throw new IllegalArgumentException("its format is " + json.text("format") + ": expected " + FORMAT);
            }
            if (json.longValue("version") != VERSION) {
                throw new IllegalArgumentException("its version is " + json.longValue("version") + ": this Lathe reads "
                        + VERSION + "; take the Lathe that wrote it");
            }
            JsonArray content = json.array("machines");
            if (!Hash.ofText(content.toJson()).equals(json.text("sha256"))) {
                throw new IllegalArgumentException(
                        "its SHA-256 does not fit its content: it was cut or edited;" + " ask for it again");
            }
            List<MachineCosts> machines = new ArrayList<>();
            for (JsonValue machine : content.elements()) {
                machines.add(machine((JsonObject) machine));
            }
            return new Costs(machines);
        } catch (RuntimeException broken) {
            throw new IOException(file + " holds no costs of operations: " + broken.getMessage(), broken);
        }
    }

    private static MachineCosts machine(JsonObject json) {
        List<MachineCosts.Limit> limits = new ArrayList<>();
        for (JsonValue value : json.array("limits").elements()) {
            JsonObject limit = (JsonObject) value;
            JsonObject roofline = limit.object("roofline");
            limits.add(new MachineCosts.Limit(
                    TensorType.valueOf(limit.text("type")),
                    integer(limit, "threads"),
                    new Roofline(
                            roofline.doubleValue("bytesPerSecond"),
                            roofline.doubleValue("multipliesPerSecond"),
                            roofline.doubleValue("secondsPerPass"))));
        }
        List<Observation> observations = new ArrayList<>();
        for (JsonValue value : json.array("observations").elements()) {
            JsonObject observation = (JsonObject) value;
            JsonObject operation = observation.object("operation");
            observations.add(new Observation(
                    new Operation(
                            integer(operation, "outputs"),
                            integer(operation, "inputs"),
                            TensorType.valueOf(operation.text("type")),
                            integer(operation, "tokens"),
                            integer(operation, "threads"),
                            operation.longValue("modelBytes")),
                    observation.doubleValue("seconds")));
        }
        return new MachineCosts(Machine.of(json.object("machine")), json.text("kernels"), limits, observations);
    }

    private static int integer(JsonObject json, String name) {
        return Math.toIntExact(json.longValue(name));
    }
}
