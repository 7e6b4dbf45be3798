package dev.lathe.springboot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.Kernels;
import dev.lathe.Model;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.springai.LatheChatModel;
import dev.lathe.springai.LatheEmbeddingModel;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

class LatheAutoConfigurationTest {
    private static final Path REPOSITORY = Path.of("../..");
    private static final Path ENCODER = REPOSITORY.resolve("../shared/models/embedding/all-minilm-l6-v2-q8_0.gguf");
    private static final String TEMPLATE =
            "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}";

    @TempDir
    private static Path folder;

    private static Path file;

    private final ApplicationContextRunner runner =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(LatheAutoConfiguration.class));

    /** The model in the repository, with a template for conversations. */
    @BeforeAll
    static void write() throws IOException {
        file = folder.resolve("chat.gguf");
        try (OpenTensorSource source = Model.open(REPOSITORY.resolve("examples/models/lathe-java-draft-f16.gguf"))) {
            ModelEdit edit = new ModelEdit(source);
            edit.setMetadata(source.metadata().toBuilder()
                    .string("tokenizer.chat_template", TEMPLATE)
                    .build());
            edit.save(file);
        }
    }

    private ApplicationContextRunner withModel(String... more) {
        return runner.withPropertyValues("spring.ai.lathe.model=" + file).withPropertyValues(more);
    }

    @Test
    void withoutAModelNothingIsMade() {
        runner.run(context -> assertThat(context).doesNotHaveBean(Model.class).doesNotHaveBean(ChatModel.class));
    }

    @Test
    void aModelBecomesBeansWithItsOptions() {
        withModel(
                        "spring.ai.lathe.threads=1",
                        "spring.ai.lathe.packed=" + folder.resolve("packed"),
                        "spring.ai.lathe.context-length=128",
                        "spring.ai.lathe.chat.max-tokens=5",
                        "spring.ai.lathe.chat.temperature=0.8",
                        "spring.ai.lathe.chat.seed=3")
                .run(context -> {
                    LatheChatModel chat = context.getBean(LatheChatModel.class);
                    assertThat(chat.getOptions().getModel()).isEqualTo("chat.gguf");
                    assertThat(chat.getOptions().getSeed()).isEqualTo(3);
                    ChatResponse response = chat.call(new Prompt("public static int max("));
                    assertThat(response.getMetadata().getUsage().getCompletionTokens())
                            .isEqualTo(5);
                    assertThat(ChatClient.create(chat)
                                    .prompt("public static int max(")
                                    .call()
                                    .content())
                            .isEqualTo(response.getResult().getOutput().getText());
                    assertThat(context.getBean(Engine.class).contextLength()).isEqualTo(128);
                    assertThat(folder.resolve("packed")).isNotEmptyDirectory();
                    assertThat(context.getBean(HealthIndicator.class).health().getStatus())
                            .isEqualTo(Status.UP);
                    assertThat(context).doesNotHaveBean(EmbeddingModel.class);
                });
    }

    @Test
    void plainJavaIsDegraded() {
        var health = new LatheHealthIndicator(new Kernels("scalar", "a flag is missing")).health();
        assertThat(health.getStatus()).isEqualTo(LatheHealthIndicator.DEGRADED);
        assertThat(health.getDetails()).containsEntry("reason", "a flag is missing");
    }

    @Configuration
    static class Own {
        @Bean
        ChatModel own() {
            return prompt -> new ChatResponse(List.of(new Generation(new AssistantMessage("own"))));
        }
    }

    @Test
    void anApplicationsOwnModelGoesFirst() {
        withModel().withUserConfiguration(Own.class).run(context -> {
            assertThat(context.getBean(ChatModel.class).call("?")).isEqualTo("own");
            assertThat(context).doesNotHaveBean(LatheChatModel.class);
        });
    }

    @Test
    void aFileThatIsAbsentEndsTheStartWithItsName() {
        runner.withPropertyValues("spring.ai.lathe.model=/absent/model.gguf")
                .run(context -> assertThat(context)
                        .hasFailed()
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("/absent/model.gguf"));
    }

    @Test
    void anEndWaitsForAnswersAsLongAsItIsAllowedTo() {
        AtomicReference<Answer> answer = new AtomicReference<>();
        withModel("spring.ai.lathe.shutdown=1m")
                .run(context -> answer.set(context.getBean(Engine.class)
                        .generate("int x")
                        .maxTokens(50)
                        .submit()));
        assertThat(answer.get().result().stats().generatedTokens()).isEqualTo(50);

        withModel("spring.ai.lathe.shutdown=0s")
                .run(context -> answer.set(context.getBean(Engine.class)
                        .generate("int x")
                        .maxTokens(100_000)
                        .submit()));
        assertThat(answer.get().result().finishReason()).isEqualTo(dev.lathe.decode.FinishReason.CANCELLED);
    }

    @Test
    void anEncoderBecomesAModelOfVectors() {
        assumeTrue(Files.exists(ENCODER), () -> ENCODER + " is absent");
        runner.withPropertyValues("spring.ai.lathe.model=" + ENCODER, "spring.ai.lathe.use=embedding")
                .run(context -> {
                    assertThat(context.getBean(LatheEmbeddingModel.class).embed("a lathe"))
                            .hasSize(384);
                    assertThat(context).doesNotHaveBean(Engine.class).doesNotHaveBean(ChatModel.class);
                });
    }

    /** What editors read to complete and explain properties. */
    @Test
    void everyPropertyHasItsTypeAndDescription() throws IOException {
        Map<String, String> types = new TreeMap<>();
        try (InputStream metadata =
                LatheProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            String json = new String(metadata.readAllBytes(), StandardCharsets.UTF_8);
            for (JsonValue property :
                    ((JsonObject) JsonValue.parse(json)).array("properties").elements()) {
                JsonObject fields = (JsonObject) property;
                types.put(fields.text("name"), fields.text("type"));
                assertThat(fields.findText("description").orElse(""))
                        .as(fields.text("name"))
                        .isNotBlank();
            }
        }
        Set<String> components = new TreeSet<>();
        addProperties(components, "spring.ai.lathe", LatheProperties.class);
        assertThat(types.keySet()).isEqualTo(components);
        assertThat(types)
                .containsEntry("spring.ai.lathe.weight-memory", DataSize.class.getName())
                .containsEntry("spring.ai.lathe.chat.time-limit", Duration.class.getName());
    }

    private static void addProperties(Set<String> names, String prefix, Class<?> properties) {
        for (RecordComponent component : properties.getRecordComponents()) {
            String name = prefix + "."
                    + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()) {
                addProperties(names, name, component.getType());
            } else {
                names.add(name);
            }
        }
    }

    /** The program of the documentation, as it stands there. */
    @Test
    void aProgramOfTwentyLinesAnswers() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/lathe/springboot/Hello.java"));
        assertThat(source.lines().filter(line -> !line.isBlank()).count()).isLessThanOrEqualTo(20);
        assertThat(Files.readString(REPOSITORY.resolve("docs/integrations.md")))
                .contains(source.substring(source.indexOf("@SpringBootApplication")));
        PrintStream out = System.out;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            Hello.main(new String[] {
                "--spring.ai.lathe.model=" + file,
                "--spring.ai.lathe.chat.max-tokens=8",
                "--spring.main.banner-mode=off"
            });
        } finally {
            System.setOut(out);
        }
        assertThat(written.toString(StandardCharsets.UTF_8)).isNotBlank();
    }
}
