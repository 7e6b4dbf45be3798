package dev.lathe.lab.tune;

import dev.lathe.lab.registry.Hash;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What tuning found, by machine and model: a folder with a small JSON file for each pair, which a reader can edit or
 * delete.
 *
 * @param folder made when the first settings are saved
 */
public record TunedSettings(Path folder) {
    /**
     * Settings that were found.
     *
     * @param settings values by their names, such as {@code threads} and {@code 2}
     * @param cost what they cost when tuned, such as seconds a token
     * @param recent what they cost since then, newest last, by which {@link DriftDetector} tells when to tune again
     */
    public record Tuned(Map<String, String> settings, double cost, List<Double> recent) {
        /** Copies the map, sorted by names, and the list. */
        public Tuned {
            settings = Collections.unmodifiableMap(new TreeMap<>(settings));
            recent = List.copyOf(recent);
        }

        /** Settings that were found just now. */
        public Tuned(Map<String, String> settings, double cost) {
            this(settings, cost, List.of());
        }

        /** With later costs too, of which the last are kept. */
        public Tuned with(List<Double> costs, int most) {
            List<Double> all = new ArrayList<>(recent);
            all.addAll(costs);
            return new Tuned(settings, cost, all.subList(Math.max(0, all.size() - most), all.size()));
        }
    }

    /**
     * What was found for a model on a machine; empty if nothing was.
     *
     * @throws IOException if the file cannot be read or holds no settings
     */
    public Optional<Tuned> find(String machine, String model) throws IOException {
        Path file = file(machine, model);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonObject json = (JsonObject) JsonValue.read(file);
            if (!json.text("machine").equals(machine) || !json.text("model").equals(model)) {
                throw new IOException(file + " holds settings of " + json.text("machine") + " and " + json.text("model")
                        + ": expected " + machine + " and " + model + "; delete the file to tune again");
            }
            Map<String, String> settings = new LinkedHashMap<>();
            JsonObject values = json.object("settings");
            values.members().keySet().forEach(name -> settings.put(name, values.text(name)));
            List<Double> recent = new ArrayList<>();
            json.findArray("recent")
                    .ifPresent(
                            costs -> costs.elements().forEach(cost -> recent.add(((JsonNumber) cost).doubleValue())));
            return Optional.of(new Tuned(settings, json.doubleValue("cost"), recent));
        } catch (RuntimeException broken) {
            throw new IOException(file + " holds no settings; delete it to tune again: " + broken.getMessage(), broken);
        }
    }

    /** Saves, in place of what was known of the pair; a reader meanwhile sees the old file or the new one. */
    public void save(String machine, String model, Tuned tuned) throws IOException {
        Files.createDirectories(folder);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("machine", machine);
        json.put("model", model);
        json.put("cost", tuned.cost);
        json.put("recent", tuned.recent);
        json.put("settings", tuned.settings);
        Path part = Files.createTempFile(folder, "settings", ".part");
        try {
            Files.writeString(part, JsonValue.of(json).toJson(2) + "\n");
            replace(part, file(machine, model));
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void replace(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException plain) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Path file(String machine, String model) {
        return folder.resolve(Hash.ofText(machine + "\n" + model).substring(0, 16) + ".json");
    }
}
