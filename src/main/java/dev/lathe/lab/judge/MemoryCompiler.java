package dev.lathe.lab.judge;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The JDK's compiler, from a string to class files in memory. Not thread-safe. */
final class MemoryCompiler {
    private static final List<String> OPTIONS = List.of("-proc:none", "-nowarn", "-Xlint:none", "-implicit:none");

    private final JavaCompiler compiler;
    private final JavaFileManager files;

    /** @throws IllegalStateException if the virtual machine has no compiler */
    MemoryCompiler() {
        compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException(
                    "this Java runtime has no compiler: run the judge on a JDK with the module" + " jdk.compiler");
        }
        files = compiler.getStandardFileManager(null, null, null);
    }

    /** Class files by the classes' names; none if the source has errors, which {@code message} tells. */
    record Compiled(Map<String, byte[]> classes, String message) {}

    Compiled compile(String source) {
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        Map<String, ByteArrayOutputStream> outputs = new TreeMap<>();
        boolean fine = compiler.getTask(
                        null, new MemoryFiles(files, outputs), problems, OPTIONS, null, List.of(new Source(source)))
                .call();
        String message = problems.getDiagnostics().stream()
                .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
                .limit(3)
                .map(problem -> "line " + problem.getLineNumber() + ": " + problem.getMessage(null))
                .collect(Collectors.joining("; "));
        Map<String, byte[]> classes = new TreeMap<>();
        if (fine) {
            outputs.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
        }
        return new Compiled(classes, message);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("string:///Program.java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }

        /** A public class may have any name. */
        @Override
        public boolean isNameCompatible(String simpleName, Kind kind) {
            return kind == Kind.SOURCE;
        }
    }

    private static final class MemoryFiles extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> outputs;

        MemoryFiles(JavaFileManager files, Map<String, ByteArrayOutputStream> outputs) {
            super(files);
            this.outputs = outputs;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(
                    URI.create("mem:///" + className.replace('.', '/') + kind.extension), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return outputs.computeIfAbsent(className.replace('/', '.'), name -> new ByteArrayOutputStream());
                }
            };
        }
    }
}
