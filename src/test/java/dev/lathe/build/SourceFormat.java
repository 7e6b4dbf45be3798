package dev.lathe.build;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.ImportOrderer;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The project's source format: 4 spaces, 120 columns, sorted imports, none unused. */
final class SourceFormat {
    private static final List<Path> ROOTS = List.of(Path.of("src"), Path.of("examples"), Path.of("integrations"));
    private static final Formatter FORMATTER = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .formatJavadoc(false)
            .build());

    private SourceFormat() {}

    /** Puts every source file of the working directory's project into the format. */
    public static void main(String[] args) throws IOException, FormatterException {
        for (Path file : misformatted()) {
            Files.writeString(file, formatted(Files.readString(file)));
            System.out.println("formatted " + file);
        }
    }

    /** The source files that are not in the format; all processors look for them. */
    static List<Path> misformatted() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (Path root : ROOTS) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(path -> path.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        try {
            return sources.parallelStream().filter(file -> !isFormatted(file)).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean isFormatted(Path file) {
        try {
            String source = Files.readString(file);
            return source.equals(formatted(source));
        } catch (FormatterException e) {
            throw new UncheckedIOException(new IOException(
                    file + ": the formatter cannot parse it (of unnamed patterns it knows \"var _\" only)", e));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String formatted(String source) throws FormatterException {
        String tidy = RemoveUnusedImports.removeUnusedImports(
                ImportOrderer.reorderImports(source, JavaFormatterOptions.Style.PALANTIR));
        return FORMATTER.formatSource(tidy);
    }
}
