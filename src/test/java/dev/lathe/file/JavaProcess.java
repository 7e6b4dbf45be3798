package dev.lathe.file;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A virtual machine of its own that runs a main class of the tests. */
public final class JavaProcess {
    /** What it printed, and how it ended. */
    public record Result(int exitCode, String output) {}

    private JavaProcess() {}

    /** Starts it, with its output to be read. */
    public static Process start(List<String> shell, List<String> options, Class<?> main, Object... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(shell);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** Runs it to its end. */
    public static Result run(List<String> options, Class<?> main, Object... arguments) throws Exception {
        return end(start(List.of(), options, main, arguments));
    }

    static Result end(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), output);
        return new Result(process.exitValue(), output);
    }
}
