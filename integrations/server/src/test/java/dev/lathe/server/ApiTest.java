package dev.lathe.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.Model;
import dev.lathe.ScriptedModels;
import dev.lathe.serve.EngineOptions;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests without a network. */
class ApiTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final int MUTATIONS = Integer.getInteger("lathe.requests", 20_000);

    private static Model model;
    private static Engine engine;
    private static Watchdog watchdog;
    private static Api api;

    @BeforeAll
    static void open() throws IOException {
        Map<String, List<String>> script = Map.of("", List.of("int max", "{\"max\": 1}"));
        model = ScriptedModels.load(Path.of("../.."), 512, script);
        engine = model.engine(EngineOptions.DEFAULT.texts(8).queueCapacity(0));
        watchdog = new Watchdog();
        ServerOptions options =
                ServerOptions.DEFAULT.limits(ServerLimits.DEFAULT.maxTokens(3).bodyBytes(4000));
        api = new Api(model, options, Optional.of(engine), watchdog);
    }

    @AfterAll
    static void close() {
        engine.close();
        watchdog.close();
        model.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "functions",
                "function_call",
                "best_of",
                "audio",
                "modalities",
                "store",
                "reasoning_effort",
                "grammar"
            })
    void aFieldThatIsNotSupportedIsRefusedByItsName(String field) throws IOException {
        FakeExchange exchange = FakeExchange.post(
                CHAT, "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"" + field + "\": 1}");
        api.handle(exchange);
        assertEquals(400, exchange.getResponseCode());
        assertEquals(field, error(exchange).text("param"));
    }

    @Test
    void aNestedFieldThatIsNotSupportedIsNamedWithItsPlace() throws IOException {
        FakeExchange exchange = FakeExchange.post(
                CHAT, "{\"messages\": [{\"role\": \"user\", \"content\": \"a\", \"tool_calls\": []}]}");
        api.handle(exchange);
        assertEquals("messages[0].tool_calls", error(exchange).text("param"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"xml\"}",
                "{\"type\": \"json_schema\"}",
                "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": {\"not\": {}}}}",
                "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": true}}",
                "{\"type\": \"json_object\", \"schema\": {}}",
                "1"
            })
    void aFormThatCannotBeKeptIsRefused(String format) throws IOException {
        FakeExchange exchange = FakeExchange.post(
                CHAT,
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"response_format\": " + format + "}");
        api.handle(exchange);
        assertEquals(400, exchange.getResponseCode());
        assertTrue(error(exchange).text("param").startsWith("response_format"), exchange.text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"json_object\"}",
                "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": {\"type\": \"object\"}}}"
            })
    void anAnswerHasTheFormThatIsAskedFor(String format) throws IOException {
        FakeExchange exchange = FakeExchange.post(
                CHAT,
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"response_format\": " + format + "}");
        api.handle(exchange);
        JsonObject choice = (JsonObject) ((JsonObject) JsonValue.parse(exchange.text()))
                .array("choices")
                .elements()
                .getFirst();
        assertTrue(choice.object("message").text("content").startsWith("{\""), exchange.text());
    }

    /** Many ways to be wrong: none is the server's fault, and none leaves an answer running. */
    @Test
    void whateverAClientSendsTheFaultIsItsOwn() throws Exception {
        List<String> bodies = List.of(
                "{\"model\": \"lathe\", \"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\":"
                        + " \"int é\\n\"}]}], \"n\": 2, \"seed\": 7, \"stop\": [\"}\"], \"logprobs\": true,"
                        + " \"top_logprobs\": 2}",
                "{\"prompt\": \"int max(\", \"max_tokens\": 2, \"temperature\": 0.5, \"top_p\": 0.9, \"min_p\": 1e-2,"
                        + " \"logit_bias\": {\"5\": -100}, \"presence_penalty\": 1, \"stream\": true,"
                        + " \"stream_options\": {\"include_usage\": true}}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"response_format\": {\"type\":"
                        + " \"json_schema\", \"json_schema\": {\"name\": \"a\", \"schema\": {\"type\": \"object\","
                        + " \"properties\": {\"b\": {\"type\": \"integer\"}}}}}}",
                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": null,"
                        + " \"tool_calls\": [{\"id\": \"c\", \"type\": \"function\", \"function\": {\"name\": \"add\","
                        + " \"arguments\": \"{}\"}}]}, {\"role\": \"tool\", \"tool_call_id\": \"c\", \"content\": \"1\"}],"
                        + " \"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"add\", \"parameters\": {\"type\":"
                        + " \"object\"}}}], \"tool_choice\": \"required\", \"parallel_tool_calls\": false, \"stream\": true}",
                "{\"input\": [\"int i;\", \"int j;\"], \"encoding_format\": \"float\"}",
                "{\"content\": \"int i;\", \"add_special\": true}",
                "{\"tokens\": [1, 2, 300]}");
        List<String> paths = List.of(
                CHAT,
                "/v1/completions",
                CHAT,
                CHAT,
                "/v1/embeddings",
                "/tokenize",
                "/detokenize",
                "/v1/models/lathe",
                "/x");
        SplittableRandom random = new SplittableRandom(1);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            int which = random.nextInt(bodies.size());
            byte[] body = mutated(bodies.get(which).getBytes(StandardCharsets.UTF_8), random);
            String path = random.nextInt(10) == 0 ? paths.get(random.nextInt(paths.size())) : paths.get(which);
            FakeExchange exchange = new FakeExchange("POST", path, body);
            api.handle(exchange);
            int status = exchange.getResponseCode();
            assertTrue(
                    status == 200 || status >= 400 && status < 500,
                    () -> status + " for " + path + " " + new String(body, StandardCharsets.UTF_8));
            if (status != 200) {
                refused++;
                assertTrue(!error(exchange).text("message").isEmpty());
            }
        }
        assertTrue(refused > MUTATIONS / 2, refused + " of " + MUTATIONS + " were refused");
        awaitIdle();
    }

    @Test
    void aFullQueueIsTold() throws Exception {
        FakeExchange exchange = FakeExchange.post("/v1/completions", "{\"prompt\": \"int\"}");
        CountDownLatch answered = new CountDownLatch(1);
        try (Engine narrow = model.engine(EngineOptions.DEFAULT.texts(1).queueCapacity(0))) {
            Answer other = narrow.generate("int")
                    .onToken(_ -> {
                        try {
                            answered.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    })
                    .submit();
            new Api(model, ServerOptions.DEFAULT, Optional.of(narrow), watchdog).handle(exchange);
            answered.countDown();
            other.cancel();
        }
        assertEquals(429, exchange.getResponseCode());
        assertEquals("1", exchange.getResponseHeaders().getFirst("Retry-After"));
    }

    @Test
    void aClientThatLeavesEndsItsAnswer() throws Exception {
        FakeExchange exchange = new FakeExchange(
                "POST",
                "/v1/completions",
                "{\"prompt\": \"int max(\", \"stream\": true, \"temperature\": 0}".getBytes(StandardCharsets.UTF_8),
                1);
        assertThrows(IOException.class, () -> api.handle(exchange));
        awaitIdle();
        assertTrue(exchange.text().startsWith("data: {"), exchange.text());
    }

    @Test
    void aLongBodyIsRefused() throws IOException {
        FakeExchange exchange = FakeExchange.post("/tokenize", "{\"content\": \"" + "a".repeat(4000) + "\"}");
        api.handle(exchange);
        assertEquals(413, exchange.getResponseCode());
    }

    @Test
    void aPromptBeyondTheContextIsRefused() throws IOException {
        String tokens = "1,".repeat(model.contextLength()) + "1";
        FakeExchange exchange = FakeExchange.post("/v1/completions", "{\"prompt\": [" + tokens + "]}");
        new Api(model, ServerOptions.DEFAULT, Optional.of(engine), watchdog).handle(exchange);
        assertEquals(400, exchange.getResponseCode());
        assertEquals("context_length_exceeded", error(exchange).text("code"));
    }

    @Test
    void aPageUnderAnotherNameIsRefused() throws IOException {
        FakeExchange exchange = new FakeExchange("GET", "/v1/models", new byte[0]);
        exchange.getRequestHeaders().set("Host", "evil.example:8080");
        api.handle(exchange);
        assertEquals(403, exchange.getResponseCode());
    }

    @Test
    void aTypeThatPagesMaySendUnaskedIsRefused() throws IOException {
        FakeExchange exchange = FakeExchange.post("/tokenize", "{\"content\": \"\"}");
        exchange.getRequestHeaders().set("Content-Type", "text/plain");
        api.handle(exchange);
        assertEquals(415, exchange.getResponseCode());
    }

    @Test
    void tokensBecomeTheTextAgain() throws IOException {
        FakeExchange there = FakeExchange.post("/tokenize", "{\"content\": \"for (int i = 0;\"}");
        api.handle(there);
        FakeExchange back = FakeExchange.post("/detokenize", there.text());
        api.handle(back);
        assertEquals("for (int i = 0;", ((JsonObject) JsonValue.parse(back.text())).text("content"));
    }

    @Test
    void outsideOfTheLoopbackAKeyIsNeeded() {
        assertThrows(IllegalArgumentException.class, () -> ServerOptions.DEFAULT.host("0.0.0.0", Optional.empty()));
        assertNotEquals(ServerOptions.DEFAULT, ServerOptions.DEFAULT.host("0.0.0.0", Optional.of("secret")));
    }

    private static void awaitIdle() throws InterruptedException {
        while (engine.statistics().running() > 0) {
            Thread.sleep(1);
        }
    }

    private static JsonObject error(FakeExchange exchange) {
        return ((JsonObject) JsonValue.parse(exchange.text())).object("error");
    }

    private static byte[] mutated(byte[] body, SplittableRandom random) {
        byte[] changed = body.clone();
        for (int i = random.nextInt(1, 4); i > 0 && changed.length > 1; i--) {
            int at = random.nextInt(changed.length);
            switch (random.nextInt(5)) {
                case 0 -> changed[at] = (byte) random.nextInt(256);
                case 1 -> changed = Arrays.copyOf(changed, at);
                case 2 -> changed[at] = (byte) "{}[]\",:0123456789-.eEtfnu\\ ".charAt(random.nextInt(27));
                case 3 -> changed = insert(changed, at, "-1e99".getBytes(StandardCharsets.UTF_8));
                default -> changed = insert(changed, at, new byte[] {'"', (byte) random.nextInt(128), '"'});
            }
        }
        return changed;
    }

    private static byte[] insert(byte[] body, int at, byte[] more) {
        byte[] all = new byte[body.length + more.length];
        System.arraycopy(body, 0, all, 0, at);
        System.arraycopy(more, 0, all, at, more.length);
        System.arraycopy(body, at, all, at + more.length, body.length - at);
        return all;
    }
}
