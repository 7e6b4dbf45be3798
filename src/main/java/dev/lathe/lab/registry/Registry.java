package dev.lathe.lab.registry;

import dev.lathe.figures.Table;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder of manifests, one a file, to keep in version control and to read without any program. Files are added, never
 * changed.
 *
 * @param folder made when the first manifest is added
 */
public record Registry(Path folder) {
    /** Adds a manifest under its key and the first free number; returns its file. */
    public Path add(Manifest manifest) throws IOException {
        Files.createDirectories(folder);
        for (int number = 1; ; number++) {
            Path file = folder.resolve(manifest.key() + "-" + number + ".json");
            try {
                Files.writeString(file, manifest.toJson(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                return file;
            } catch (FileAlreadyExistsException taken) {
                continue;
            }
        }
    }

    /**
     * All manifests, by their files' names.
     *
     * @throws IOException if a file cannot be read or holds no manifest
     */
    public List<Manifest> all() throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Manifest> manifests = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                manifests.add(Manifest.read(file));
            }
            return manifests;
        }
    }

    /** Earlier runs of the same. */
    public List<Manifest> runsLike(Manifest manifest) throws IOException {
        return all().stream()
                .filter(other -> other.key().equals(manifest.key()))
                .toList();
    }

    /**
     * Runs whose cost is about equal, so that they compare fairly: those within a share of a given one.
     *
     * @param cost name of the figure that must be alike, such as {@code bytes}
     * @param equal the cost to be about
     * @param share such as 0.05
     */
    public List<Manifest> atEqualCost(String cost, double equal, double share) throws IOException {
        return all().stream()
                .filter(manifest -> {
                    Double own = manifest.figure(cost);
                    return own != null && Math.abs(own - equal) <= share * Math.abs(equal);
                })
                .toList();
    }

    /** Runs with some of their figures, a row each. */
    public static Table table(List<Manifest> runs, String... figures) {
        List<String> header = new ArrayList<>(List.of("key", "command", "model"));
        header.addAll(List.of(figures));
        Table table = Table.of(header.toArray(String[]::new));
        for (Manifest run : runs) {
            List<Object> row = new ArrayList<>(List.of(run.key(), run.command(), run.modelName()));
            for (String name : figures) {
                Double value = run.figure(name);
                row.add(value == null ? "" : value);
            }
            table = table.row(row.toArray());
        }
        return table;
    }
}
