package dev.lathe.tools.lab;

import dev.lathe.lab.registry.Hash;
import dev.lathe.lab.registry.Machine;
import dev.lathe.lab.registry.Manifest;
import dev.lathe.lab.registry.Registry;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Keeps what a command was asked, on which files, and what came of it, in the folder that {@code --record} names. */
final class RunRecord {
    /** The line that a command's help declares the option with. */
    static final String HELP =
            "  --record FOLDER     keeps a manifest of this run there, which the command Replay repeats\n";

    /** Options that change how a run is told, not what is run. */
    private static final Set<String> SILENT = Set.of("--record", "--json");

    private RunRecord() {}

    /**
     * Writes the manifest, if one is wanted.
     *
     * @param inputs the options that name files beside the model, those that are not given left out
     * @param exact numbers that repeat to the bit
     * @param noisy numbers that depend on the machine and the moment
     */
    static void keep(Program program, List<String> inputs, Map<String, ?> exact, Map<String, ?> noisy)
            throws IOException {
        if (!program.options.has("--record")) {
            return;
        }
        Map<String, String> options = new LinkedHashMap<>(program.options.given());
        options.keySet().removeAll(SILENT);
        Map<String, String> hashes = new LinkedHashMap<>();
        hashes.put("--model", hash("--model", program.modelFile()));
        for (String input : inputs) {
            if (program.options.has(input)) {
                hashes.put(input, hash(input, program.options.file(input, null)));
            }
        }
        Path file = new Registry(Path.of(program.options.text("--record", "")))
                .add(new Manifest(
                        program.options.command(),
                        hashes,
                        System.getProperty("lathe.code", "unknown"),
                        options,
                        Machine.current(),
                        figures(exact),
                        figures(noisy)));
        program.terminal.line("recorded in %s", file);
    }

    private static Map<String, Double> figures(Map<String, ?> numbers) {
        Map<String, Double> figures = new LinkedHashMap<>();
        numbers.forEach((name, number) -> figures.put(name, ((Number) number).doubleValue()));
        return figures;
    }

    /** The hash that identifies an input. */
    static String hash(String option, Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new Program.FailureException(file + " is no file, and only files are recorded; give " + option
                    + " one, as Convert makes of a folder");
        }
        return Hash.ofFile(file);
    }

    /** What starts the recorded command again, without the name of the program. */
    static List<String> arguments(Manifest manifest) {
        List<String> arguments = new ArrayList<>(List.of(manifest.command()));
        manifest.options().forEach((name, value) -> {
            if (name.startsWith("--")) {
                arguments.add(name);
            }
            if (!value.isEmpty()) {
                arguments.add(value);
            }
        });
        return arguments;
    }
}
