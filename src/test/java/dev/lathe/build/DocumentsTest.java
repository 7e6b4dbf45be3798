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
}
