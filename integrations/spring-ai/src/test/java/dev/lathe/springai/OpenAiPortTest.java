package dev.lathe.springai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.errors.UnauthorizedException;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.ScriptedModels;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;

/** Spring AI's own model of OpenAI's protocol, against the server: what an application changes is an address. */
@Timeout(60)
class OpenAiPortTest {
    private static final String SAID = "It cuts wood and metal.";
    private static final String KEY = "secret";

    @Test
    void chatsAreAnsweredStreamedAndCounted() throws Exception {
        Map<String, List<String>> script = Map.of("", List.of(SAID, "{\"tool\": \"lathe\"}"));
        try (Model model = ScriptedModels.load(Path.of("../.."), 512, script);
                LatheServer server =
                        LatheServer.start(model, ServerOptions.DEFAULT.port(0).apiKey(KEY))) {
            OpenAiChatModel chat = chat(server, KEY);
            ChatResponse whole = chat.call(new Prompt("What does a lathe do?"));
            assertEquals(SAID, whole.getResult().getOutput().getText());
            assertTrue(whole.getMetadata().getUsage().getCompletionTokens() > 2);
            String streamed = String.join(
                    "",
                    Objects.requireNonNull(
                            chat.stream("What does a lathe do?").collectList().block(Duration.ofSeconds(20))));
            assertEquals(SAID, streamed);
            String schema = "{\"type\": \"object\", \"properties\": {\"tool\": {\"type\": \"string\"}},"
                    + " \"required\": [\"tool\"], \"additionalProperties\": false}";
            OpenAiChatOptions formed = OpenAiChatOptions.builder()
                    .baseUrl(server.uri() + "/v1")
                    .apiKey(KEY)
                    .model("lathe")
                    .outputSchema(schema)
                    .build();
            assertEquals(
                    "{\"tool\": \"lathe\"}",
                    chat.call(new Prompt("Which tool?", formed))
                            .getResult()
                            .getOutput()
                            .getText());
            assertThrows(
                    UnauthorizedException.class, () -> chat(server, "wrong").call("What does a lathe do?"));
        }
    }

    @Test
    void vectorsAreThoseOfTheLibrary() throws Exception {
        try (OpenTensorSource file = Model.open(Path.of("../../examples/models/lathe-java-f16.gguf"))) {
            ModelEdit edit = new ModelEdit(file);
            edit.setMetadata(
                    file.metadata().toBuilder().uint32("llama.pooling_type", 1).build());
            try (Model model = Model.load(edit, new LoadOptions(1));
                    LatheServer server = LatheServer.start(
                            model, ServerOptions.DEFAULT.port(0).apiKey(KEY))) {
                OpenAiEmbeddingModel vectors = OpenAiEmbeddingModel.builder()
                        .options(OpenAiEmbeddingOptions.builder()
                                .baseUrl(server.uri() + "/v1")
                                .apiKey(KEY)
                                .model("lathe")
                                .build())
                        .build();
                assertArrayEquals(model.embed(List.of("int i;")).vector(0), vectors.embed("int i;"));
            }
        }
    }

    private static OpenAiChatModel chat(LatheServer server, String key) {
        return OpenAiChatModel.builder()
                .options(OpenAiChatOptions.builder()
                        .baseUrl(server.uri() + "/v1")
                        .apiKey(key)
                        .model("lathe")
                        .build())
                .build();
    }
}
