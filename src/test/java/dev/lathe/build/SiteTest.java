package dev.lathe.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteTest {
    @TempDir
    private Path folder;

    private List<Path> pages() throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".html")).toList();
        }
    }

    @Test
    void everyLinkLeadsToAPageAndAPlaceOfTheSite() throws Exception {
        Site.write(Path.of(""), folder, false);
        assertTrue(pages().size() > 40, pages().toString());
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (String link : attributes(page, "(?:href|src)")) {
                if (!link.startsWith("https://") && !leadsSomewhere(page, link)) {
                    broken.add(folder.relativize(page) + " links to " + link);
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    private boolean leadsSomewhere(Path page, String link) throws Exception {
        String[] parts = link.split("#", 2);
        Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        return file.startsWith(folder)
                && Files.isRegularFile(file)
                && (parts.length == 1 || attributes(file, "id").contains(parts[1]));
    }

    private static List<String> attributes(Path page, String name) throws Exception {
        return Pattern.compile("<[a-z0-9]+ [^>]*?\\b" + name + "=\"([^\"]*)\"")
                .matcher(Files.readString(page))
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    @Test
    void pagesNeedNothingFromElsewhere() throws Exception {
        Site.write(Path.of(""), folder, true);
        for (Path page : pages()) {
            String html = Files.readString(page);
            assertFalse(html.contains("<script"), page.toString());
            assertFalse(
                    Pattern.compile("<(?:link|img)[^>]*https?:").matcher(html).find(), page.toString());
        }
        assertTrue(Files.readString(folder.resolve("docs/engine.html")).contains("<a href=\"../api/index.html\">"));
    }

    @Test
    void markdownBecomesHtml() throws Exception {
        Path project = Files.createDirectories(folder.resolve("project/docs")).getParent();
        Files.writeString(project.resolve("README.md"), "# Start\n\n[more](docs/more.md#a-place) [code](A.java)\n");
        Files.writeString(project.resolve("docs/more.md"), "# More\n\n## A place\n\n| a |\n|---|\n| `<b>` |\n");
        Files.writeString(project.resolve("A.java"), "List<String> a;\n");
        Path site = folder.resolve("site");
        Site.write(project, site, false);
        String start = Files.readString(site.resolve("index.html"));
        assertTrue(start.contains("<a href=\"docs/more.html#a-place\">more</a>"), start);
        assertTrue(start.contains("<a href=\"A.java.html\">code</a>"), start);
        String more = Files.readString(site.resolve("docs/more.html"));
        assertTrue(more.contains("<h2 id=\"a-place\">A place</h2>"), more);
        assertTrue(more.contains("<td><code>&lt;b&gt;</code></td>"), more);
        assertTrue(more.contains("<a href=\"../index.html\">Start</a>"), more);
        assertTrue(Files.readString(site.resolve("A.java.html")).contains("List&lt;String&gt; a;"));
    }

    @Test
    void aLinkToWhatIsAbsentFails() throws Exception {
        Files.createDirectory(folder.resolve("docs"));
        Files.writeString(folder.resolve("README.md"), "# Start\n\n[gone](docs/gone.md)\n");
        assertEquals(
                "README.md links to docs/gone.md, which is absent",
                assertThrows(UncheckedIOException.class, () -> Site.write(folder, folder.resolve("site"), false))
                        .getCause()
                        .getMessage());
    }
}
