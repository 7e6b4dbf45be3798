package dev.lathe.tools;

import dev.lathe.lab.registry.Manifest;
import dev.lathe.lab.registry.Registry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Repeats a recorded run and says whether its figures agree. */
final class ReplayCommand {
    private static final String HELP = """
            Replay: runs again what a manifest tells of, and compares. Exact figures must agree to the bit on any machine,
            those that depend on the machine and the moment within a tolerance. Exit code 1 if they do not.

              FILE                a manifest, as --record of Evaluate, Perplexity and Footprint writes it
              --tolerance X       relative difference that noisy figures may have; default: 0.2
            """;

    private ReplayCommand() {}

    static Command command() {
        return new Command(HELP, ReplayCommand::run);
    }

    private static void run(Program program) throws IOException {
        float tolerance = program.options.decimal("--tolerance", 0.2f, 0, 1e6f);
        Manifest manifest = Manifest.read(program.options.file("FILE", null));
        for (Map.Entry<String, String> input : manifest.inputs().entrySet()) {
            Path file = Path.of(manifest.options().getOrDefault(input.getKey(), Program.DEFAULT_MODEL.toString()));
            String hash = RunRecord.hash(input.getKey(), file);
            if (!hash.equals(input.getValue())) {
                throw new Program.FailureException(file + " has the SHA-256 " + hash + ", the manifest tells of "
                        + input.getValue() + "; put the file there that was used then");
            }
        }
        List<String> disagreements = manifest.disagreements(again(manifest), tolerance);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("agrees", disagreements.isEmpty());
        result.put("exactFigures", manifest.exact().size());
        result.put("noisyFigures", manifest.noisy().size());
        result.put("disagreements", disagreements);
        if (program.isJson()) {
            program.printJson(result);
        } else {
            disagreements.forEach(program.out::println);
            program.out.printf("%s figures%n", disagreements.isEmpty() ? "the same" : "other");
        }
        program.out.flush();
        if (!disagreements.isEmpty()) {
            throw new Program.FailureException(disagreements.size() + " figures do not agree with the manifest");
        }
    }

    /** Runs the command in a virtual machine of its own, as it ran then, and reads what it recorded. */
    private static Manifest again(Manifest manifest) throws IOException {
        Path folder = Files.createTempDirectory("lathe-replay");
        try {
            List<String> arguments = new ArrayList<>(RunRecord.arguments(manifest));
            arguments.addAll(List.of("--record", folder.toString(), "--json"));
            ChildRun.output(arguments);
            return new Registry(folder).all().getFirst();
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }
}
