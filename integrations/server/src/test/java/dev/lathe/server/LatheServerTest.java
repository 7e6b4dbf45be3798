package dev.lathe.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A running server and the JDK's own client. */
@Timeout(60)
class LatheServerTest {
    private static final String PROMPT = "public static boolean isEmpty(String text) {\n";

    private static Model model;
    private static LatheServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() throws IOException {
        model = TestModel.load();
        server = LatheServer.start(model, ServerOptions.DEFAULT.port(0).apiKey("secret"));
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
        model.close();
    }

    @Test
    void aCompletionIsWhatTheLibraryGenerates() throws Exception {
        JsonObject reply = post("/v1/completions", "{\"prompt\": %s, \"temperature\": 0, \"max_tokens\": 24}", PROMPT);
        try (Session session = model.newSession()) {
            assertEquals(
                    session.generate(PROMPT).maxTokens(24).text(),
                    choice(reply, 0).text("text"));
        }
        JsonObject usage = reply.object("usage");
        assertEquals(24, usage.longValue("completion_tokens"));
        assertEquals(usage.longValue("total_tokens"), usage.longValue("prompt_tokens") + 24);
    }

    @Test
    void aStreamIsTheSameTextInParts() throws Exception {
        String fields = "\"seed\": 3, \"max_tokens\": 24, \"messages\": [{\"role\": \"user\", \"content\": %s}]";
        JsonObject whole = post("/v1/chat/completions", "{" + fields + "}", PROMPT);
        List<JsonObject> parts = stream(
                "/v1/chat/completions",
                "{" + fields + ", \"stream\": true, \"stream_options\": {\"include_usage\": true}}",
                PROMPT);
        StringBuilder text = new StringBuilder();
        for (JsonObject part : parts.subList(0, parts.size() - 1)) {
            assertEquals("chat.completion.chunk", part.text("object"));
            assertEquals(parts.getFirst().text("id"), part.text("id"));
            text.append(choice(part, 0).object("delta").findText("content").orElse(""));
        }
        assertEquals(choice(whole, 0).object("message").text("content"), text.toString());
        assertEquals("assistant", choice(parts.getFirst(), 0).object("delta").text("role"));
        assertTrue(choice(parts.getFirst(), 0).find("finish_reason").isEmpty());
        assertEquals(
                choice(whole, 0).text("finish_reason"),
                choice(parts.get(parts.size() - 2), 0).text("finish_reason"));
        assertEquals(
                whole.object("usage").longValue("completion_tokens"),
                parts.getLast().object("usage").longValue("completion_tokens"));
    }

    @Test
    void theFirstOfSeveralChoicesIsTheOnlyOneOfOne() throws Exception {
        String body = "{\"prompt\": %s, \"seed\": 5, \"max_tokens\": 12, \"logprobs\": 2, \"n\": ";
        JsonObject one = post("/v1/completions", body + "1}", PROMPT);
        JsonObject two = post("/v1/completions", body + "2}", PROMPT);
        assertEquals(choice(one, 0), choice(two, 0));
        assertTrue(!choice(two, 0).text("text").equals(choice(two, 1).text("text")));
        assertEquals(1, choice(two, 1).longValue("index"));
        assertTrue(!choice(one, 0).object("logprobs").array("tokens").elements().isEmpty());
    }

    @Test
    void anAnswerFollowsItsSchema() throws Exception {
        String body = "{\"messages\": [{\"role\": \"user\", \"content\": %s}], \"seed\": 1, \"response_format\":"
                + " {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"size\", \"strict\": true, \"schema\":"
                + " {\"type\": \"object\", \"properties\": {\"width\": {\"enum\": [1, 2, 3]}, \"unit\": {\"enum\":"
                + " [\"mm\", \"cm\"]}}, \"required\": [\"width\", \"unit\"]}}}}";
        JsonObject reply = post("/v1/chat/completions", body, PROMPT);
        String text = choice(reply, 0).object("message").text("content");
        JsonObject size = (JsonObject) JsonValue.parse(text);
        assertTrue(List.of(1L, 2L, 3L).contains(size.longValue("width")), text);
        assertTrue(List.of("mm", "cm").contains(size.text("unit")), text);
        assertEquals("stop", choice(reply, 0).text("finish_reason"));
    }

    @Test
    void aStopStringEndsTheText() throws Exception {
        JsonObject reply =
                post("/v1/completions", "{\"prompt\": %s, \"temperature\": 0, \"stop\": \"return\"}", PROMPT);
        assertTrue(!choice(reply, 0).text("text").contains("return"));
        assertEquals("stop", choice(reply, 0).text("finish_reason"));
    }

    @Test
    void aConversationThatGoesOnReusesItsBeginning() throws Exception {
        String prompt = "class Reused { int count; String name; boolean isEmpty() { return count == 0; } ";
        post("/v1/completions", "{\"prompt\": %s, \"max_tokens\": 1, \"temperature\": 0}", prompt);
        JsonObject more = post(
                "/v1/completions", "{\"prompt\": %s, \"max_tokens\": 1, \"temperature\": 0}", prompt + "int size;");
        assertTrue(more.object("usage").object("prompt_tokens_details").longValue("cached_tokens") > 5);
    }

    @Test
    void withoutItsKeyNobodyIsServed() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri("/v1/models")).build();
        assertEquals(
                401, client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
        HttpRequest health = HttpRequest.newBuilder(uri("/health")).build();
        assertEquals(
                200, client.send(health, HttpResponse.BodyHandlers.ofString()).statusCode());
    }

    @Test
    void thePageAsksNothingOfOthers() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri("/")).build();
        String page = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        assertTrue(page.contains("v1/chat/completions"));
        assertTrue(!page.contains("http"), "an address in the page");
    }

    @Test
    void aClientThatLeavesCancelsItsStream() throws Exception {
        byte[] body = ("{\"prompt\": \"int\", \"stream\": true, \"n\": 8, \"seed\": 1, \"logit_bias\": {\""
                        + model.tokenizer().eos().orElseThrow() + "\": -100}}")
                .getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket("127.0.0.1", server.uri().getPort())) {
            String head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            assertEquals('H', socket.getInputStream().read());
        }
        while (!metrics().contains("lathe_disconnects_total 1") || !metrics().contains("lathe_answers_running 0")) {
            Thread.sleep(20);
        }
    }

    @Test
    void aStoppingServerTellsThoseItCancels() throws Exception {
        LatheServer other = LatheServer.start(
                model, ServerOptions.DEFAULT.port(0).limits(ServerLimits.DEFAULT.stopTime(Duration.ofMillis(1))));
        HttpRequest request = HttpRequest.newBuilder(other.uri().resolve("/v1/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": \"int\", \"stream\": true, \"n\": 8,"
                        + " \"logit_bias\": {\"" + model.tokenizer().eos().orElseThrow() + "\": -100}}"))
                .build();
        CompletableFuture<List<String>> lines = new CompletableFuture<>();
        HttpResponse<Stream<String>> reply = client.send(request, HttpResponse.BodyHandlers.ofLines());
        Thread.ofVirtual().start(() -> {
            try {
                lines.complete(reply.body().toList());
            } catch (RuntimeException failure) {
                lines.completeExceptionally(failure);
            }
        });
        other.close();
        List<String> all = lines.get();
        assertTrue(all.stream().anyMatch(line -> line.contains("the server is stopping")), () -> "" + all.getLast());
        assertThrows(IOException.class, () -> client.send(request, HttpResponse.BodyHandlers.ofString()));
    }

    private static JsonObject choice(JsonObject reply, int index) {
        return (JsonObject) reply.array("choices").elements().get(index);
    }

    private static URI uri(String path) {
        return server.uri().resolve(path);
    }

    private static String metrics() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri("/metrics"))
                .header("Authorization", "Bearer secret")
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static JsonObject post(String path, String body, String text) throws IOException, InterruptedException {
        HttpResponse<String> reply = client.send(request(path, body, text), HttpResponse.BodyHandlers.ofString());
        assertEquals(200, reply.statusCode(), reply.body());
        return (JsonObject) JsonValue.parse(reply.body());
    }

    private static List<JsonObject> stream(String path, String body, String text)
            throws IOException, InterruptedException {
        List<String> lines = client.send(request(path, body, text), HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> !line.isEmpty() && !line.startsWith(":"))
                .toList();
        assertEquals("data: [DONE]", lines.getLast());
        List<JsonObject> parts = new ArrayList<>();
        for (String line : lines.subList(0, lines.size() - 1)) {
            parts.add((JsonObject) JsonValue.parse(line.substring("data: ".length())));
        }
        return parts;
    }

    private static HttpRequest request(String path, String body, String text) {
        return HttpRequest.newBuilder(uri(path))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer secret")
                .POST(HttpRequest.BodyPublishers.ofString(
                        body.formatted(JsonValue.of(text).toJson())))
                .build();
    }
}
