package dev.lathe.springboot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The bill of materials names what is published, all of it. */
class BillOfMaterialsTest {
    private static final Path INTEGRATIONS = Path.of("..");
    private static final List<String> NOT_IN_IT = List.of("bom", "testing");

    @Test
    void everyModuleThatIsPublishedIsInIt() throws IOException {
        String bill = read("bom");
        assertThat(bill).contains("<artifactId>lathe</artifactId>");
        for (String module : matches("<module>(.*?)</module>", Files.readString(INTEGRATIONS.resolve("pom.xml")))) {
            if (!NOT_IN_IT.contains(module) && !module.equals("..")) {
                String artifact =
                        matches("<artifactId>(.*?)</artifactId>", read(module)).get(1); // behind its parent's
                assertThat(bill).contains("<artifactId>" + artifact + "</artifactId>");
            }
        }
    }

    private static String read(String module) throws IOException {
        return Files.readString(INTEGRATIONS.resolve(module, "pom.xml"));
    }

    private static List<String> matches(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
