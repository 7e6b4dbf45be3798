package dev.lathe.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What people read in the sources: lines that fit, and the words of docs/glossary.md. */
class ProseTest {
    private static final int COLUMNS = 120;
    private static final Pattern COMMENT = Pattern.compile("^\\s*(/\\*\\*|\\*|//).*|.*\\s// .*");

    /** Words that have no place in code, comments and documents, and what to write instead. */
    private static final Map<Pattern, String> BANNED = Map.of(
            Pattern.compile("\\b(draft|model|sampler|target)s?('s|')? laws?\\b|\\bfrom (the|a|its) laws?\\b"),
                    "distribution",
            Pattern.compile("(?i)\\bshortcuts?\\b"), "residual connection",
            Pattern.compile("\\bbrains\\b|\\bBRAIN_"), "bfloat16",
            Pattern.compile("how-manieth"), "rank",
            Pattern.compile("(?i)\\btoken table\\b"), "embedding");

    /** Packages and files whose comments are not wrapped yet; none is to be added. */
    private static final List<String> WIDE = List.of(
            "Generation.java",
            "LoadOptions.java",
            "Model.java",
            "SamplesTest.java",
            "Session.java",
            "SessionTest.java",
            "compress/",
            "decode/",
            "file/",
            "gguf/",
            "huggingface/",
            "lab/",
            "model/",
            "tensor/",
            "text/");

    /** Packages that still have such words; none is to be added. */
    private static final List<String> OLD_WORDS = List.of("compress/", "decode/", "lab/", "model/", "tensor/");

    private static List<Path> sources(String... roots) throws Exception {
        List<Path> sources = new ArrayList<>();
        for (String root : roots) {
            try (Stream<Path> files = Files.walk(Path.of(root))) {
                files.filter(file -> file.toString().matches(".*\\.(java|md)")).forEach(sources::add);
            }
        }
        assertTrue(sources.size() > 5, sources.toString());
        return sources;
    }

    private static boolean isIn(Path file, List<String> rooms) {
        return rooms.stream().anyMatch(name -> file.toString().contains("java/dev/lathe/" + name));
    }

    @Test
    void commentsFitTheColumns() throws Exception {
        List<String> wide = new ArrayList<>();
        for (Path file : sources("src", "examples")) {
            if (file.toString().endsWith(".java") && !isIn(file, WIDE)) {
                int number = 0;
                for (String line : Files.readAllLines(file)) {
                    number++;
                    if (line.length() > COLUMNS && COMMENT.matcher(line).matches()) {
                        wide.add(file + ":" + number + " has " + line.length() + " columns");
                    }
                }
            }
        }
        assertEquals(List.of(), wide, "comments have at most " + COLUMNS + " columns");
    }

    @Test
    void theWordsAreTheFields() throws Exception {
        List<String> found = new ArrayList<>();
        for (Path file : sources("src/main/java", "src/tools", "examples", "docs")) {
            if (!isIn(file, OLD_WORDS) && !file.endsWith("glossary.md")) {
                String text = Files.readString(file);
                BANNED.forEach((word, better) -> word.matcher(text)
                        .results()
                        .forEach(place -> found.add(file + ": " + place.group() + "; write " + better)));
            }
        }
        assertEquals(List.of(), found);
    }

    /** Every term names the place in the code where it stands: a class that is there, or a package. */
    @Test
    void theGlossaryNamesWhatIsThere() throws Exception {
        Set<String> classes = sources("src/main/java", "src/test/java").stream()
                .map(file -> file.getFileName().toString())
                .collect(Collectors.toSet());
        List<String> missing = new ArrayList<>();
        int terms = 0;
        for (String line : Files.readAllLines(Path.of("docs/glossary.md"))) {
            if (!line.startsWith("| ") || line.startsWith("| term |")) {
                continue;
            }
            terms++;
            String where = line.split("\\|")[3];
            Pattern.compile("`([^`]+)`").matcher(where).results().forEach(place -> {
                if (!isThere(place.group(1), classes)) {
                    missing.add(line);
                }
            });
        }
        assertTrue(terms >= 40, terms + " terms");
        assertEquals(List.of(), missing);
    }

    /** A package, or a class of any package, with a method or without. */
    private static boolean isThere(String place, Set<String> classes) {
        return Character.isUpperCase(place.charAt(0))
                ? classes.contains(place.replaceFirst("\\..*", "") + ".java")
                : Files.exists(Path.of("src/main/java/dev/lathe", place.replace('.', '/'), "package-info.java"));
    }
}
