package dev.lathe.tools;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One run of a program in a virtual machine of its own, as people start it. */
public record ToolRun(int status, String out, List<String> errors) {
    /** The library and what it needs. */
    public static final String LIBRARY = "target/classes:" + jar(org.apache.commons.math3.util.FastMath.class);
    /** The library and the command line. */
    public static final String CLASS_PATH = LIBRARY + ":target/tools:" + jar(org.knowm.xchart.BitmapEncoder.class);

    public static final String MAIN = "dev.lathe.tools.Lathe";

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
    private static final int PATIENCE_SECONDS = 120;

    private static Path jar(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    }

    /** Runs the compiled program with the project's own flags. */
    public static ToolRun of(String name, String... arguments) {
        return withInput("", name, arguments);
    }

    /** Runs a program with a line of arguments, in which each {@code %s} stands for the next of some values. */
    public static ToolRun line(String line, Object... values) {
        Iterator<Object> next = List.of(values).iterator();
        String[] words = Stream.of(line.split(" "))
                .map(word -> word.equals("%s") ? next.next().toString() : word)
                .toArray(String[]::new);
        return of(words[0], Arrays.copyOfRange(words, 1, words.length));
    }

    public static ToolRun withInput(String input, String name, String... arguments) {
        return run(input, command(name, arguments));
    }

    /** What runs a program. */
    public static List<String> command(String name, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(JAVA.toString(), "@examples/jvm.options", "-cp", CLASS_PATH, MAIN, name));
        command.addAll(List.of(arguments));
        return command;
    }

    public static ToolRun run(String input, List<String> command) {
        try {
            Path out = Files.createTempFile("example", ".out");
            Path errors = Files.createTempFile("example", ".err");
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(errors.toFile())
                    .start();
            try (var standardInput = process.getOutputStream()) {
                standardInput.write(input.getBytes(StandardCharsets.UTF_8));
            }
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after " + PATIENCE_SECONDS + " s: " + command);
            }
            List<String> lines = Files.readAllLines(errors).stream()
                    .filter(line -> !line.equals("WARNING: Using incubator modules: jdk.incubator.vector"))
                    .toList();
            ToolRun run = new ToolRun(process.exitValue(), Files.readString(out), lines);
            Files.delete(out);
            Files.delete(errors);
            return run;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The output, if the program succeeded. */
    public String success() {
        if (status != 0) {
            throw new AssertionError("exit code " + status + ": " + errors);
        }
        return out;
    }

    /** The first value of a key in a JSON text, as written. */
    public static String value(String json, String key) {
        Matcher found = Pattern.compile("\"" + key + "\": (\"[^\"]*\"|\\[[^]]*]|[^,}\\]]*)")
                .matcher(json);
        if (!found.find()) {
            throw new AssertionError(key + " in " + json);
        }
        return found.group(1);
    }
}
