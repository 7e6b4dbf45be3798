package dev.lathe.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DocumentsTest {
    /** The pages at the top and those in docs. */
    static List<Path> pages() throws Exception {
        List<Path> pages = new ArrayList<>();
        for (Path folder : List.of(Path.of(""), Path.of("docs"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
            }
        }
        return pages;
    }

    @Test
    void theirLinksLeadSomewhere() throws Exception {
        assertTrue(pages().size() > 10, pages().toString());
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Pattern.compile("]\\((?!https?:)([^)#]+)")
                    .matcher(Files.readString(page))
                    .results()
                    .map(link -> link.group(1))
                    .filter(link -> Files.notExists(page.resolveSibling(link)))
                    .forEach(link -> broken.add(page + " links to " + link));
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void theReadmeListsEachCommand() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        List<String> commands = Pattern.compile("case \"(\\w+)\" -> \\w+Command\\.command\\(")
                .matcher(Files.readString(Path.of("src/tools/java/dev/lathe/tools/Lathe.java")))
                .results()
                .map(command -> command.group(1))
                .toList();
        assertTrue(commands.size() > 20, commands.toString());
        assertEquals(
                List.of(),
                commands.stream()
                        .filter(command -> !readme.contains("\n| " + command + " | "))
                        .toList());
    }
}
