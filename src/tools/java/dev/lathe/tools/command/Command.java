package dev.lathe.tools.command;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.List;

/**
 * One command: a help text that declares its options, and what it does. Prints to standard output and standard error;
 * one at a time in a virtual machine.
 */
public final class Command {
    /** What it does. */
    @FunctionalInterface
    public interface Body {
        void run(Program program) throws IOException;
    }

    private final String help;
    private final Body body;

    public Command(String help, Body body) {
        this.help = help;
        this.body = body;
    }

    /** What it is for. */
    public String summary() {
        String withoutName = help.substring(help.indexOf(':') + 1);
        return withoutName.substring(0, withoutName.indexOf("\n\n")).strip().replaceAll("\\s+", " ");
    }

    /** What it takes, in the order of its help text; arguments without a name are among them. */
    public List<CommandOption> options() {
        return Options.declared(help);
    }

    /** Runs it, and returns the exit code: 0, or 2 for wrong usage, or 1 for a failure, which it told in one line. */
    public int run(String... arguments) {
        Program program = null;
        try {
            Options options = Options.parse(help, arguments);
            if (options.has("--help")) {
                System.out.print(options.help());
                return 0;
            }
            program = new Program(options);
            program.demandKernels();
            body.run(program);
            return 0;
        } catch (Options.UsageException e) {
            System.err.println(e.getMessage());
            return 2;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            System.err.println(
                    Thread.currentThread().isInterrupted() ? "cancelled; nothing is written" : sentenceOf(e));
            return 1;
        } finally {
            if (program != null) {
                program.out.flush();
            }
        }
    }

    /** A failure as a user reads it: what is wrong, and what helps. */
    public static String sentenceOf(Throwable failure) {
        return switch (failure) {
            case FileSystemException e -> {
                String reason = e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
                yield e.getFile() + " cannot be opened (" + reason + "); check path and permissions";
            }
            case OutOfMemoryError _ ->
                "the heap of " + Runtime.getRuntime().maxMemory() / (1 << 20)
                        + " MiB is too small; start Java with a larger one, as with JAVA_TOOL_OPTIONS=-Xmx4g";
            default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
        };
    }
}
