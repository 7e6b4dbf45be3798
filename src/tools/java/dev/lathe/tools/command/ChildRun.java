package dev.lathe.tools.command;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs a command in a virtual machine of its own, started as this one was. */
public final class ChildRun {
    /** The class with the main method, by its name: it knows all commands, which know this room. */
    public static final String MAIN = "dev.lathe.tools.Lathe";

    private ChildRun() {}

    /**
     * What the command prints on standard output; errors go where this program's go.
     *
     * @throws Program.FailureException if it ends with another exit code than 0, or the calling thread is interrupted
     */
    public static String output(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new Program.FailureException("a command failed; run it alone: " + String.join(" ", command));
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Program.FailureException("interrupted before a command ended: " + String.join(" ", arguments));
        } finally {
            process.destroyForcibly();
        }
    }

    /** A number of a JSON object by its key. */
    public static double number(String json, String key) {
        Matcher value = Pattern.compile("\"" + key + "\":\\s*([-0-9.eE+]+)").matcher(json);
        if (!value.find()) {
            throw new Program.FailureException("a command printed no " + key);
        }
        return Double.parseDouble(value.group(1));
    }
}
