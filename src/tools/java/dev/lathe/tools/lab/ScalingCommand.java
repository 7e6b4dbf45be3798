package dev.lathe.tools.lab;

import dev.lathe.figures.Estimate;
import dev.lathe.lab.registry.Manifest;
import dev.lathe.lab.registry.Registry;
import dev.lathe.lab.scale.PowerLaw;
import dev.lathe.tools.command.Chart;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Fits how a loss falls with a size, and tells what another size would give. */
public final class ScalingCommand {
    private static final String HELP = """
            Scaling: fits loss = c + a size^-b to what was measured, with intervals; predicts the loss at other sizes.

              --points FILE       lines "size,loss", such as bits a weight and perplexity
              --runs FOLDER       or recorded runs, with the figures that --size and --loss name
              --size NAME         figure of a run; default: bytes
              --loss NAME         figure of a run; default: bitsPerCharacter
              --at LIST           sizes to predict
              --plot FILE         draws points and law, in a file of PNG
            """;

    private static final int CURVE = 60;

    private ScalingCommand() {}

    public static Command command() {
        return new Command(HELP, ScalingCommand::run);
    }

    private static void run(Program program) throws IOException {
        Options options = program.options;
        if (options.has("--points") == options.has("--runs")) {
            throw new Options.UsageException("give one of --points and --runs");
        }
        List<double[]> points = options.has("--points")
                ? points(options.file("--points", null))
                : points(new Registry(Path.of(options.text("--runs", ""))), options);
        points.sort(Comparator.comparingDouble(point -> point[0]));
        double[] sizes = points.stream().mapToDouble(point -> point[0]).toArray();
        double[] losses = points.stream().mapToDouble(point -> point[1]).toArray();
        PowerLaw law = PowerLaw.fit(sizes, losses);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("points", points.size());
        put(result, "irreducible", law.irreducible());
        put(result, "scale", law.scale());
        put(result, "exponent", law.exponent());
        result.put("residual", law.residual());
        for (String size : options.text("--at", "").split(",")) {
            if (!size.isBlank()) {
                result.put("lossAt" + size.strip(), law.at(number(size, "--at")));
            }
        }
        if (options.has("--plot")) {
            Chart.lines("loss by size", "size", "loss", lines(sizes, losses, law), Chart.target(options));
        }
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-20s%s%n", name, value));
        }
    }

    private static Map<String, double[][]> lines(double[] sizes, double[] losses, PowerLaw law) {
        double[] across = new double[CURVE];
        double[] up = new double[CURVE];
        for (int i = 0; i < CURVE; i++) {
            across[i] = sizes[0] * Math.pow(sizes[sizes.length - 1] / sizes[0], i / (CURVE - 1.0));
            up[i] = law.at(across[i]);
        }
        Map<String, double[][]> lines = new LinkedHashMap<>();
        lines.put("measured", new double[][] {sizes, losses});
        lines.put("law", new double[][] {across, up});
        return lines;
    }

    private static void put(Map<String, Object> result, String name, Estimate estimate) {
        result.put(name, estimate.value());
        if (Double.isFinite(estimate.high())) {
            result.put(name + "Low", estimate.low());
            result.put(name + "High", estimate.high());
        }
    }

    private static List<double[]> points(Path file) throws IOException {
        List<double[]> points = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] cells = line.split(",");
                if (cells.length != 2) {
                    throw new Program.FailureException(file + " has the line \"" + line + "\"; give size,loss");
                }
                points.add(new double[] {number(cells[0], "--points"), number(cells[1], "--points")});
            }
        }
        return points;
    }

    private static List<double[]> points(Registry registry, Options options) throws IOException {
        List<double[]> points = new ArrayList<>();
        for (Manifest run : registry.all()) {
            Double size = run.figure(options.text("--size", "bytes"));
            Double loss = run.figure(options.text("--loss", "bitsPerCharacter"));
            if (size != null && loss != null) {
                points.add(new double[] {size, loss});
            }
        }
        return points;
    }

    private static double number(String text, String name) {
        try {
            return Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            throw new Options.UsageException(name + " has \"" + text.strip() + "\"; give a number");
        }
    }
}
