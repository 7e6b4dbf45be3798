package dev.lathe.lab.judge;

import dev.lathe.figures.Stopwatch;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles and runs programs in a process of its own, with limits. The process is kept from one program to the next and
 * started anew where one broke it, so nothing that a program does reaches the judge; see the package for the walls.
 *
 * <p>Not thread-safe: make one a thread. Owns its process and an empty folder until closed.
 */
public final class Judge implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final int OUT_OF_MEMORY_EXIT = 3; // of -XX:+ExitOnOutOfMemoryError

    private final JudgeLimits limits;
    private final Path folder;
    private Process process;
    private DataOutputStream out;
    private DataInputStream in;
    private boolean closed;

    /**
     * A judge whose process starts with the first program.
     *
     * @throws UncheckedIOException if it cannot make an empty folder to run in
     */
    public Judge(JudgeLimits limits) {
        this.limits = limits;
        try {
            folder = Files.createTempDirectory("lathe-judge");
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    /**
     * Compiles a source and calls {@code main(String[])} of one of its classes.
     *
     * @param source one compilation unit
     * @param mainClass name of the class to run
     * @throws UncheckedIOException if the judging process cannot be started
     * @throws IllegalStateException if it starts but cannot judge, as without a compiler; or after {@link #close}
     */
    public Judgement judge(String source, String mainClass) {
        if (closed) {
            throw new IllegalStateException("this judge is closed");
        }
        if (source.length() > limits.sourceChars()) {
            return new Judgement(
                    Verdict.NOT_COMPILED,
                    source.length() + " characters of source: the limit is " + limits.sourceChars(),
                    "",
                    0);
        }
        ensureProcess();
        Stopwatch.Lap lap = Stopwatch.system().start();
        Clock clock = new Clock(process, limits.time());
        try {
            write(source);
            write(mainClass);
            out.flush();
            Verdict verdict = Verdict.values()[in.readUnsignedByte()];
            return new Judgement(verdict, read(), read(), lap.nanos());
        } catch (IOException ended) {
            return new Judgement(clock.isOver() ? Verdict.OUT_OF_TIME : verdictOfExit(), "", "", lap.nanos());
        } finally {
            if (clock.stop()) {
                end();
            }
        }
    }

    /** Ends the process and deletes its folder. */
    @Override
    public void close() {
        closed = true;
        end();
        try {
            Files.deleteIfExists(folder);
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    private void ensureProcess() {
        if (process != null && process.isAlive()) {
            return;
        }
        ProcessBuilder builder =
                new ProcessBuilder(command()).directory(folder.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        try {
            process = builder.start();
        } catch (IOException problem) {
            throw new UncheckedIOException("the judging process cannot be started: " + command(), problem);
        }
        out = new DataOutputStream(process.getOutputStream());
        in = new DataInputStream(process.getInputStream());
        Clock clock = new Clock(process, START);
        try {
            in.readByte();
        } catch (IOException problem) {
            throw new IllegalStateException(
                    "the judging process cannot judge; run it alone to see why: " + String.join(" ", command()),
                    problem);
        } finally {
            clock.stop();
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(limits.launcher());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx" + limits.heapBytes(),
                "-XX:MaxMetaspaceSize=128m",
                "-XX:ReservedCodeCacheSize=64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+DisplayVMOutputToStderr",
                "-XX:-UsePerfData",
                "-XX:ErrorFile=/dev/null",
                "--finalization=disabled",
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=1",
                "--limit-modules",
                "java.base,java.compiler,jdk.compiler",
                "-cp",
                codeFolder(),
                JudgeProcess.class.getName(),
                Integer.toString(limits.outputBytes())));
        return command;
    }

    private static String codeFolder() {
        CodeSource source = Judge.class.getProtectionDomain().getCodeSource();
        try {
            URI place = source.getLocation().toURI();
            if (!place.getScheme().equals("file")) {
                throw new IllegalStateException("Lathe was loaded from " + place
                        + ": the judge's process can load it from a jar or a folder only; start Java with one");
            }
            return Path.of(place).toString();
        } catch (URISyntaxException problem) {
            throw new IllegalStateException(problem);
        }
    }

    private void write(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private String read() throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private Verdict verdictOfExit() {
        end();
        return process.exitValue() == OUT_OF_MEMORY_EXIT ? Verdict.OUT_OF_MEMORY : Verdict.CRASHED;
    }

    /** Waits for the process, which has closed its output or is told to end. */
    private void end() {
        if (process == null) {
            return;
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    if (!process.waitFor(Duration.ofSeconds(closed ? 0 : 2))) {
                        kill(process);
                        process.waitFor();
                    }
                    return;
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A launcher may have children of its own. */
    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Ends a process when its time is over. */
    private static final class Clock {
        private final Thread thread;
        private volatile boolean over;

        Clock(Process process, Duration limit) {
            thread = Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(limit);
                    over = true;
                    kill(process);
                } catch (InterruptedException stopped) {
                    return;
                }
            });
        }

        boolean isOver() {
            return over;
        }

        /** Whether the time was over; afterwards it stays so. */
        boolean stop() {
            thread.interrupt();
            boolean interrupted = false;
            while (true) {
                try {
                    thread.join();
                    break;
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return over;
        }
    }
}
