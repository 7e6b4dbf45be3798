package dev.lathe.cli;

import dev.lathe.hub.Hub;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One run of {@code lathe} in this virtual machine: its exit code, and what it printed. */
record CliRun(int status, String out, List<String> errors) {
    static final String MODELS = "../../examples/models/";
    static final String MODEL = MODELS + "lathe-java-f16.gguf";
    static final String DRAFT = MODELS + "lathe-java-draft-f16.gguf";

    static CliRun of(String... arguments) {
        return with("", CliRun::noHub, arguments);
    }

    static CliRun withInput(String input, String... arguments) {
        return with(input, CliRun::noHub, arguments);
    }

    static CliRun with(String input, Models.HubSource hub, String... arguments) {
        InputStream in = System.in;
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        try {
            System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
            System.setOut(new PrintStream(told, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
            int status = Main.run(hub, arguments);
            System.out.flush();
            System.err.flush();
            return new CliRun(
                    status,
                    told.toString(StandardCharsets.UTF_8),
                    errors.toString(StandardCharsets.UTF_8).lines().toList());
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static Hub noHub() {
        throw new AssertionError("a file was asked for at the hub");
    }

    /** The output, if it succeeded. */
    String success() {
        if (status != 0) {
            throw new AssertionError("exit code " + status + ": " + errors);
        }
        return out;
    }
}
