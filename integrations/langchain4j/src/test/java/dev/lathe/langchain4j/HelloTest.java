package dev.lathe.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.Model;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.OpenTensorSource;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of the documentation, from an empty folder, with nothing but this module and what it needs. */
class HelloTest {
    private static final Path REPOSITORY = Path.of("../..");
    private static final Path SMOLLM = REPOSITORY.resolve("../shared/models/smollm2-135m-instruct-q4_1.gguf");
    private static final Path SOURCE = Path.of("src/test/java/Hello.java");
    private static final String TEMPLATE =
            "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}";

    @TempDir
    private Path folder;

    @Test
    void aProgramOfTwentyLinesAnswers() throws Exception {
        String source = Files.readString(SOURCE);
        assertThat(source.lines().count()).isLessThanOrEqualTo(20);
        assertThat(Files.readString(REPOSITORY.resolve("docs/integrations.md"))).contains(source);
        Files.copy(SOURCE, folder.resolve("Hello.java"));
        Path model = Files.exists(SMOLLM) ? SMOLLM.toAbsolutePath() : chatModel();
        Path out = folder.resolve("out");
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath(),
                        "Hello.java",
                        model.toString())
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("errors").toFile())
                .start();
        assertThat(program.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).as(() -> read(folder.resolve("errors"))).isZero();
        assertThat(Files.readString(out)).isNotBlank();
    }

    /** What the tests run with, but for the tests. */
    private static String classPath() {
        String tests = Path.of("target", "test-classes").toString();
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith(tests))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The model in the repository, which writes Java, with a template for conversations and an early end. */
    private Path chatModel() throws IOException {
        Path file = folder.resolve("chat.gguf");
        try (OpenTensorSource source = Model.open(REPOSITORY.resolve("examples/models/lathe-java-draft-f16.gguf"))) {
            ModelEdit edit = new ModelEdit(source);
            edit.setMetadata(source.metadata().toBuilder()
                    .string("tokenizer.chat_template", TEMPLATE)
                    .build());
            edit.save(file);
        }
        return file;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
