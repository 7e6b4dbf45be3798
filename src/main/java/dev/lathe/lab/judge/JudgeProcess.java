package dev.lathe.lab.judge;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.LockSupport;

/**
 * The process that judges: reads programs, compiles, screens and runs them one after the other, and writes what came
 * of each. It lives until its parent ends, or a program of it misses a limit. Where anything of the virtual machine
 * fails, it halts; the parent knows by the exit code.
 */
final class JudgeProcess {
    private final MemoryCompiler compiler = new MemoryCompiler();
    private final ClassScreen screen = new ClassScreen();
    private final int outputBytes;

    private JudgeProcess(int outputBytes) {
        this.outputBytes = outputBytes;
    }

    /** @param arguments how many bytes of a program's output are kept */
    public static void main(String[] arguments) throws IOException {
        ProcessHandle.current()
                .parent()
                .ifPresent(parent ->
                        parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
        JudgeProcess judge = new JudgeProcess(Integer.parseInt(arguments[0]));
        judge.judge(
                "final class Warm { static void main(String[] arguments) { System.out.print(\"up \" + 1); } }", "Warm");
        out.writeByte(1);
        out.flush();
        while (true) {
            String source;
            try {
                source = readText(in);
            } catch (EOFException closed) {
                return;
            }
            judge.judge(source, readText(in)).write(out);
            out.flush();
        }
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    /** What goes back to the parent. */
    record Answer(Verdict verdict, String message, byte[] output) {
        void write(DataOutputStream out) throws IOException {
            byte[] text = message.getBytes(StandardCharsets.UTF_8);
            out.writeByte(verdict.ordinal());
            out.writeInt(text.length);
            out.write(text);
            out.writeInt(output.length);
            out.write(output);
        }
    }

    private Answer judge(String source, String mainClass) {
        Sink sink = new Sink(outputBytes);
        MemoryCompiler.Compiled compiled;
        try {
            compiled = compiler.compile(source);
        } catch (RuntimeException | StackOverflowError tooMuch) {
            return new Answer(Verdict.NOT_COMPILED, "the compiler failed: " + tooMuch, sink.bytes());
        }
        if (compiled.classes().isEmpty()) {
            return new Answer(Verdict.NOT_COMPILED, compiled.message(), sink.bytes());
        }
        Optional<String> refused = screen.findRefused(compiled.classes());
        if (refused.isPresent()) {
            return new Answer(Verdict.REFUSED, "it uses " + refused.get(), sink.bytes());
        }
        PrintStream print = new PrintStream(sink, true, StandardCharsets.UTF_8);
        System.setIn(InputStream.nullInputStream());
        System.setOut(print);
        System.setErr(print);
        String problem = run(compiled.classes(), mainClass);
        awaitParallelWork();
        print.flush();
        String message = problem.substring(0, Math.min(outputBytes, problem.length()));
        return new Answer(problem.isEmpty() ? Verdict.PASSED : Verdict.THREW, message, sink.bytes());
    }

    /**
     * A parallel search of a map that found something leaves its other threads at work, which would print into the next
     * program's output. If one never ends, the clock outside ends all.
     */
    private static void awaitParallelWork() {
        while (!ForkJoinPool.commonPool().isQuiescent()) {
            LockSupport.parkNanos(100_000);
        }
    }

    /** What it threw, or nothing. */
    private static String run(Map<String, byte[]> classes, String mainClass) {
        try {
            Method main = new Classes(classes).loadClass(mainClass).getDeclaredMethod("main", String[].class);
            main.setAccessible(true);
            main.invoke(null, (Object) new String[0]);
            return "";
        } catch (InvocationTargetException thrown) {
            return describe(thrown.getCause());
        } catch (ReflectiveOperationException | LinkageError | RuntimeException problem) {
            return "no program: " + describe(problem);
        }
    }

    /** An exception of the program's own can throw from its own methods. */
    private static String describe(Throwable thrown) {
        String name = thrown.getClass().getName();
        try {
            return thrown.getMessage() == null ? name : name + ": " + thrown.getMessage();
        } catch (RuntimeException | Error hostile) {
            return name;
        }
    }

    /** Program's classes; it sees the class library and nothing of the judge. */
    private static final class Classes extends ClassLoader {
        private final Map<String, byte[]> classes;

        Classes(Map<String, byte[]> classes) {
            super(ClassLoader.getPlatformClassLoader());
            this.classes = classes;
            setDefaultAssertionStatus(true);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes = classes.get(name);
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    /** Keeps the first bytes. */
    private static final class Sink extends OutputStream {
        private final byte[] kept;
        private int size;

        Sink(int most) {
            kept = new byte[most];
        }

        @Override
        public void write(int value) {
            if (size < kept.length) {
                kept[size++] = (byte) value;
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int count) {
            int some = Math.min(count, kept.length - size);
            System.arraycopy(bytes, offset, kept, size, some);
            size += some;
        }

        byte[] bytes() {
            return Arrays.copyOf(kept, size);
        }
    }
}
