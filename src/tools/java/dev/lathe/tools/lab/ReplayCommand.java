package dev.lathe.tools.lab;

import dev.lathe.lab.registry.Comparison;
import dev.lathe.lab.registry.Manifest;
import dev.lathe.lab.registry.Registry;
import dev.lathe.tools.command.ChildRun;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Repeats a recorded run and says whether its figures agree. */
public final class ReplayCommand {
    private static final String HELP = """
            Replay: runs again what a manifest tells of, and compares. Exact figures must agree to the bit on any machine:
            exit code 1 if one does not. Noisy ones, such as speeds, depend on the machine and what else it does: they are
            told beside a tolerance, and are no failure.

              FILE                a manifest, as --record of Evaluate, Perplexity and Footprint writes it
              --tolerance X       relative difference that noisy figures may have; default: 0.2
            """;

    private ReplayCommand() {}

    public static Command command() {
        return new Command(HELP, ReplayCommand::run);
    }

    private static void run(Program program) throws IOException {
        float tolerance = program.options.decimal("--tolerance", 0.2f, 1e-6f, 1e6f);
        Manifest manifest = Manifest.read(program.options.file("FILE", null));
        for (Map.Entry<String, String> input : manifest.inputs().entrySet()) {
            Path file = Path.of(manifest.options().getOrDefault(input.getKey(), Program.DEFAULT_MODEL.toString()));
            String hash = RunRecord.hash(input.getKey(), file);
            if (!hash.equals(input.getValue())) {
                throw new Program.FailureException(file + " has the SHA-256 " + hash + ", the manifest tells of "
                        + input.getValue() + "; put the file there that was used then");
            }
        }
        Manifest repetition = again(manifest);
        if (!manifest.isRunLike(repetition)) {
            throw new Program.FailureException("not the same run: inputs " + manifest.inputs() + " and "
                    + repetition.inputs() + ", options " + manifest.options() + " and " + repetition.options());
        }
        List<Comparison> comparisons = manifest.compare(repetition, tolerance);
        List<Comparison> wrong = comparisons.stream()
                .filter(each -> each.isExact() && !each.agrees())
                .toList();
        long outside = comparisons.stream()
                .filter(each -> !each.isExact() && !each.agrees())
                .count();
        if (program.isJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("agrees", wrong.isEmpty());
            result.put("exactFigures", manifest.exact().size());
            result.put("noisyFigures", manifest.noisy().size());
            result.put("outsideTolerance", outside);
            result.put(
                    "figures", comparisons.stream().map(ReplayCommand::members).toList());
            program.printJson(result);
        } else {
            program.out.print(Comparison.table(comparisons).text());
        }
        program.out.flush();
        if (!wrong.isEmpty()) {
            throw new Program.FailureException(wrong.size() + " exact figures are not those of the manifest");
        }
    }

    private static Map<String, Object> members(Comparison figure) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", figure.name());
        members.put("was", figure.was());
        members.put("is", Double.isNaN(figure.is()) ? null : figure.is());
        members.put("exact", figure.isExact());
        members.put("agrees", figure.agrees());
        return members;
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
