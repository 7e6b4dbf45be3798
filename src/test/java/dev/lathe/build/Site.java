package dev.lathe.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.commonmark.Extension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.HeadingAnchorExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * The documentation as plain pages that open from a file: the pages at the top and in docs, whatever they link to, and
 * the API's. They ask nothing of other hosts and run no script, but for the search of the API's pages.
 */
final class Site {
    private static final Path START = Path.of("README.md");
    private static final List<Extension> EXTENSIONS =
            List.of(TablesExtension.create(), HeadingAnchorExtension.create());
    private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();
    private static final HtmlRenderer RENDERER =
            HtmlRenderer.builder().extensions(EXTENSIONS).build();
    private static final String STYLE = """
            :root { color-scheme: light dark; }
            body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; display: flex; gap: 2rem; }
            nav { flex: 0 0 13rem; padding: 1.5rem 0 0 1rem; font-size: .9rem; }
            nav a { display: block; text-decoration: none; }
            main { flex: 1; min-width: 0; padding: 0 1rem 4rem; }
            pre { overflow-x: auto; padding: .8rem; background: color-mix(in srgb, CanvasText 7%, Canvas); }
            code { font: .875em/1.45 ui-monospace, monospace; }
            table { border-collapse: collapse; display: block; overflow-x: auto; }
            th, td { border: 1px solid color-mix(in srgb, CanvasText 25%, Canvas); padding: .3rem .6rem; text-align: left; }
            img { max-width: 100%; }
            @media (max-width: 50rem) { body { display: block; } }
            """;

    private final Path project;
    private final Map<Path, Page> pages = new LinkedHashMap<>();
    private final Deque<Path> due = new ArrayDeque<>();
    private final boolean hasApi;

    private record Page(String title, String body) {}

    private Site(Path project, boolean hasApi) {
        this.project = project;
        this.hasApi = hasApi;
    }

    /** Writes the site of the working directory's project to target/site, with the API's pages in target/apidocs. */
    public static void main(String[] arguments) throws IOException {
        Path api = Path.of("target/apidocs");
        Path site = Path.of("target/site");
        if (!Files.exists(api.resolve("index.html"))) {
            throw new IOException(api + " has no pages: run exec:exec@javadoc before");
        }
        write(Path.of(""), site, true);
        try (Stream<Path> files = Files.walk(api)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                copy(file, site.resolve("api").resolve(api.relativize(file)));
            }
        }
        System.out.println(site.resolve("index.html").toUri());
    }

    /**
     * Writes a project's pages.
     *
     * @param hasApi whether the API's pages will stand in the folder {@code api}
     * @throws IOException if a page cannot be read or written, or links to what is not there
     */
    static void write(Path project, Path target, boolean hasApi) throws IOException {
        Site site = new Site(project, hasApi);
        site.due.add(START);
        for (String folder : List.of("", "docs")) {
            try (Stream<Path> files = Files.list(project.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .sorted()
                        .map(file -> Path.of(folder).resolve(file.getFileName()))
                        .forEach(site.due::add);
            }
        }
        while (!site.due.isEmpty()) {
            site.read(site.due.remove(), target);
        }
        for (Path path : site.pages.keySet()) {
            Path file = target.resolve(site.output(path));
            Files.createDirectories(file.getParent());
            Files.writeString(file, site.html(path));
        }
        Files.writeString(target.resolve("style.css"), STYLE);
    }

    private void read(Path path, Path target) throws IOException {
        if (pages.containsKey(path)) {
            return;
        }
        Path file = project.resolve(path);
        if (Files.isDirectory(file)) {
            pages.put(path, listing(path));
        } else if (isMarkdown(path)) {
            Node document = PARSER.parse(Files.readString(file));
            document.accept(new Links(path));
            String title = Files.readAllLines(file).getFirst().replaceFirst("^#+ *", "");
            pages.put(path, new Page(title, RENDERER.render(document)));
        } else if (isImage(path)) {
            copy(file, target.resolve(path));
        } else {
            String text = Files.readString(file);
            pages.put(path, new Page(path.toString(), "<h1>" + escaped(path + "") + "</h1>\n" + code(text)));
        }
    }

    private Page listing(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(project.resolve(folder))) {
            String list = files.map(file -> folder.resolve(file.getFileName()))
                    .sorted()
                    .map(file -> "<li><a href=\"" + link(folder, file) + "\">" + escaped(file.getFileName() + "")
                            + "</a></li>\n")
                    .collect(Collectors.joining());
            return new Page(folder + "", "<h1>" + escaped(folder + "") + "</h1>\n<ul>\n" + list + "</ul>\n");
        }
    }

    /** Where a page or an image of the project stands in the site. */
    private Path output(Path path) {
        String name = path.getFileName().toString();
        if (name.equals("README.md")) {
            return path.resolveSibling("index.html");
        }
        if (isMarkdown(path)) {
            return path.resolveSibling(name.replaceFirst("\\.md$", ".html"));
        }
        if (isImage(path)) {
            return path;
        }
        return Files.isDirectory(project.resolve(path))
                ? path.resolve("index.html")
                : path.resolveSibling(name + ".html");
    }

    private static boolean isMarkdown(Path path) {
        return path.toString().endsWith(".md");
    }

    private static boolean isImage(Path path) {
        return path.toString().matches(".*\\.(svg|png)");
    }

    /** What a page writes to link to another of the project's files, which becomes a page too. */
    private String link(Path from, Path to) {
        due.add(to);
        return relative(from, output(to));
    }

    private String relative(Path from, Path output) {
        Path folder = output(from).getParent();
        return (folder == null ? output : folder.relativize(output)).toString();
    }

    private final class Links extends AbstractVisitor {
        private final Path page;

        Links(Path page) {
            this.page = page;
        }

        @Override
        public void visit(Link link) {
            link.setDestination(rewritten(link.getDestination()));
            visitChildren(link);
        }

        @Override
        public void visit(Image image) {
            image.setDestination(rewritten(image.getDestination()));
            visitChildren(image);
        }

        private String rewritten(String destination) {
            if (destination.startsWith("#") || destination.matches("[a-z]+:.*")) {
                return destination;
            }
            int fragment = destination.indexOf('#');
            String path = fragment < 0 ? destination : destination.substring(0, fragment);
            Path to = page.resolveSibling(path).normalize();
            if (to.startsWith("..") || Files.notExists(project.resolve(to))) {
                throw new UncheckedIOException(
                        new IOException(page + " links to " + destination + ", which is absent"));
            }
            return link(page, to) + (fragment < 0 ? "" : destination.substring(fragment));
        }
    }

    private String html(Path path) {
        Page page = pages.get(path);
        String navigation = pages.keySet().stream()
                .filter(other -> isMarkdown(other) && other.getNameCount() <= 2)
                .map(other ->
                        anchor(relative(path, output(other)), pages.get(other).title()))
                .collect(Collectors.joining());
        String api = hasApi ? anchor(relative(path, Path.of("api/index.html")), "The API") : "";
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width">
                <title>%s</title>
                <link rel="stylesheet" href="%s">
                </head>
                <body>
                <nav>
                %s%s</nav>
                <main>
                %s</main>
                </body>
                </html>
                """.formatted(escaped(page.title()), relative(path, Path.of("style.css")), navigation, api, page.body());
    }

    private static String anchor(String destination, String text) {
        return "<a href=\"" + destination + "\">" + escaped(text) + "</a>\n";
    }

    private static String code(String text) {
        return "<pre><code>" + escaped(text) + "</code></pre>\n";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
}
