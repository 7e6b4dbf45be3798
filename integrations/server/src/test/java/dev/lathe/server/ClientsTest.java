package dev.lathe.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.lathe.Model;
import dev.lathe.ScriptedModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs that others wrote for this protocol. */
@Timeout(120)
class ClientsTest {
    private static final String SAID = "Here is a lathe.";

    private static Model scripted;
    private static Model real;
    private static LatheServer talking;
    private static LatheServer embedding;
    private static OpenAIClient client;

    @BeforeAll
    static void start() throws IOException {
        scripted = ScriptedModels.load(Path.of("../.."), 512, Map.of("", List.of(SAID, "{\"tool\": \"lathe\"}")));
        real = TestModel.load();
        ServerOptions options = ServerOptions.DEFAULT.port(0).apiKey("secret");
        talking = LatheServer.start(scripted, options);
        embedding = LatheServer.start(real, options);
        client = client(talking, "secret");
    }

    @AfterAll
    static void stop() {
        talking.close();
        embedding.close();
        scripted.close();
        real.close();
    }

    private static OpenAIClient client(LatheServer server, String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.uri() + "/v1")
                .apiKey(key)
                .build();
    }

    private static ChatCompletionCreateParams.Builder request() {
        return ChatCompletionCreateParams.builder().model("lathe").addUserMessage("What is this?");
    }

    @Test
    void theOfficialClientGetsAnAnswer() {
        ChatCompletion reply = client.chat()
                .completions()
                .create(request()
                        .temperature(0.0)
                        .logprobs(true)
                        .topLogprobs(2)
                        .n(2)
                        .build());
        for (ChatCompletion.Choice choice : reply.choices()) {
            assertEquals(SAID, choice.message().content().orElseThrow());
            assertEquals(ChatCompletion.Choice.FinishReason.STOP, choice.finishReason());
            assertEquals(
                    2,
                    choice.logprobs()
                            .orElseThrow()
                            .content()
                            .orElseThrow()
                            .getFirst()
                            .topLogprobs()
                            .size());
        }
        assertEquals(2, reply.choices().size());
        assertTrue(reply.usage().orElseThrow().completionTokens() > 2);
    }

    @Test
    void theOfficialClientReadsAStream() {
        StringBuilder text = new StringBuilder();
        List<Long> usage = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(request()
                        .streamOptions(ChatCompletionStreamOptions.builder()
                                .includeUsage(true)
                                .build())
                        .build())) {
            stream.stream().forEach(chunk -> {
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(text::append));
                chunk.usage().ifPresent(counted -> usage.add(counted.completionTokens()));
            });
        }
        assertEquals(SAID, text.toString());
        assertEquals(1, usage.size());
    }

    @Test
    void theOfficialClientGetsVectors() {
        var reply = client(embedding, "secret")
                .embeddings()
                .create(EmbeddingCreateParams.builder()
                        .model("lathe")
                        .input("int i;")
                        .build());
        float[] expected = real.embed(List.of("int i;")).vector(0);
        List<Float> got = reply.data().getFirst().embedding();
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], got.get(i));
        }
        assertEquals(expected.length, got.size());
    }

    @Test
    void theOfficialClientKnowsWhatWentWrong() {
        assertThrows(
                BadRequestException.class,
                () -> client.chat()
                        .completions()
                        .create(request().temperature(3.0).build()));
        assertThrows(
                UnauthorizedException.class,
                () -> client(talking, "wrong").models().list());
        assertEquals("lathe", client.models().list().data().getFirst().id());
    }

    @Test
    void langChain4jGetsARecordOfASchema() {
        OpenAiChatModel chat = OpenAiChatModel.builder()
                .baseUrl(talking.uri() + "/v1")
                .apiKey("secret")
                .modelName("lathe")
                .strictJsonSchema(true)
                .build();
        ResponseFormat format = ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder()
                        .name("Tool")
                        .rootElement(JsonObjectSchema.builder()
                                .addStringProperty("tool")
                                .required("tool")
                                .build())
                        .build())
                .build();
        var reply = chat.chat(ChatRequest.builder()
                .messages(dev.langchain4j.data.message.UserMessage.from("What is this?"))
                .responseFormat(format)
                .build());
        assertEquals("{\"tool\": \"lathe\"}", reply.aiMessage().text());
        assertEquals(SAID, chat.chat("What is this?"));
    }

    @Test
    void langChain4jGetsVectors() {
        EmbeddingModel vectors = OpenAiEmbeddingModel.builder()
                .baseUrl(embedding.uri() + "/v1")
                .apiKey("secret")
                .modelName("lathe")
                .build();
        assertArrayEquals(
                real.embed(List.of("int j;")).vector(0),
                vectors.embed("int j;").content().vector());
    }

    @Test
    void aLineOfCurlGetsAStream() throws Exception {
        Process curl;
        try {
            curl = new ProcessBuilder(
                            "curl",
                            "-sSN",
                            talking.uri() + "/v1/completions",
                            "-H",
                            "Content-Type: application/json",
                            "-H",
                            "Authorization: Bearer secret",
                            "-d",
                            "{\"prompt\": \"What\", \"max_tokens\": 4, \"stream\": true}")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException absent) {
            assumeTrue(false, "no curl: " + absent.getMessage());
            return;
        }
        String said = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, curl.waitFor(), said);
        assertTrue(said.startsWith("data: {") && said.endsWith("data: [DONE]\n\n"), said);
    }
}
