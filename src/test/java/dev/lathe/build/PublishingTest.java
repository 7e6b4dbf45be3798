package dev.lathe.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What Maven Central asks of each artifact, and what the build of a clone runs. */
class PublishingTest {
    private static final List<String> FACTS =
            List.of("url", "licenses/license/name", "developers/developer/name", "scm/url", "scm/connection");
    private static final Path PARENT = Path.of("integrations/pom.xml");

    private static List<Path> projects() throws Exception {
        List<Path> projects = new ArrayList<>(List.of(Path.of("pom.xml"), PARENT));
        try (Stream<Path> folders = Files.list(Path.of("integrations"))) {
            folders.map(folder -> folder.resolve("pom.xml"))
                    .filter(Files::exists)
                    .sorted()
                    .forEach(projects::add);
        }
        return projects;
    }

    private static Element project(Path file) throws Exception {
        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
        return document.getDocumentElement();
    }

    /** The text of an element by its path below a project; empty if there is none. */
    private static String text(Element project, String path) {
        Node at = project;
        for (String name : path.split("/")) {
            NodeList children = at.getChildNodes();
            at = null;
            for (int i = 0; i < children.getLength() && at == null; i++) {
                at = children.item(i).getNodeName().equals(name) ? children.item(i) : null;
            }
            if (at == null) {
                return "";
            }
        }
        return at.getTextContent().strip();
    }

    @Test
    void everyArtifactSaysWhatItIs() throws Exception {
        List<String> absent = new ArrayList<>();
        assertTrue(projects().size() > 7, projects().toString());
        for (Path file : projects()) {
            Element own = project(file);
            Element facts = text(own, "parent/artifactId").isEmpty() ? own : project(PARENT);
            Stream.of("name", "description")
                    .filter(fact -> text(own, fact).isEmpty())
                    .forEach(fact -> absent.add(file + " has no " + fact));
            FACTS.stream()
                    .filter(fact -> text(facts, fact).isEmpty())
                    .forEach(fact -> absent.add(file + " has no " + fact));
        }
        assertEquals(List.of(), absent);
    }

    @Test
    void allArtifactsHaveOneVersionAndOneTimestamp() throws Exception {
        Element library = project(Path.of("pom.xml"));
        String timestamp = "properties/project.build.outputTimestamp";
        assertEquals(text(library, timestamp), text(project(PARENT), timestamp));
        for (Path file : projects()) {
            Element own = project(file);
            String version = text(own, "version") + text(own, "parent/version");
            assertEquals(text(library, "version"), version, file.toString());
        }
    }

    @Test
    void theBuildOfACloneRunsDocumentedCommandsAndPinsItsActions() throws Exception {
        String workflow = Files.readString(Path.of(".github/workflows/build.yml"));
        String documented = Files.readString(Path.of("README.md")) + Files.readString(Path.of("CONTRIBUTING.md"));
        List<String> commands = values(workflow, "run");
        assertTrue(commands.contains("mvn verify"), commands.toString());
        assertEquals(
                List.of(),
                commands.stream()
                        .filter(command -> !documented.contains(command))
                        .toList());
        assertEquals(
                List.of(),
                values(workflow, "uses").stream()
                        .filter(action -> !action.matches("[\\w/-]+@[0-9a-f]{40} # v[0-9.]+"))
                        .toList());
    }

    private static List<String> values(String workflow, String key) {
        List<String> values = Pattern.compile("(?m)^ *- " + key + ": (.*)$")
                .matcher(workflow)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertTrue(!values.isEmpty(), "no " + key + " in " + workflow);
        return values;
    }
}
