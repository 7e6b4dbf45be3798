package dev.lathe.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lathe.hub.Hub;
import dev.lathe.hub.HubOptions;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models by name, from a hub on this machine. */
class NamedModelsTest {
    private static final String NAME = "turner/lathe-GGUF:F16";
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    @TempDir
    private Path cache;

    private HttpServer server;
    private byte[] file;

    @BeforeEach
    void start() throws IOException {
        file = Files.readAllBytes(Path.of(CliRun.DRAFT));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aModelIsPulledListedAndRunByItsName() throws IOException {
        Path pulled = Path.of(run(false, "pull", NAME).success().strip());
        assertArrayEquals(file, Files.readAllBytes(pulled));
        stop();
        JsonObject list =
                (JsonObject) JsonValue.parse(run(true, "list", "--json").success());
        JsonObject model = (JsonObject) list.array("models").elements().getFirst();
        assertEquals(file.length, model.longValue("bytes"));
        assertEquals(COMMIT, model.text("commit"));
        String table = run(true, "list").success();
        assertTrue(table.contains("turner/lathe-GGUF") && table.contains("01234567"), table);
        String out = run(true, "run", model.text("name"), "int i", "--max-tokens", "2")
                .success();
        assertTrue(out.startsWith("int i"), out);
    }

    @Test
    void whatTheHubDoesNotHaveIsOneSentence() {
        CliRun run = run(false, "run", "turner/lathe-GGUF:Q4_K_M", "int");
        assertEquals(1, run.status());
        assertEquals(1, run.errors().size(), run.errors().toString());
        assertTrue(
                run.errors().getFirst().startsWith("turner/lathe-GGUF:Q4_K_M: "),
                run.errors().toString());
        CliRun empty = run(true, "list");
        assertEquals("", empty.success());
        assertEquals(List.of("no models; lathe pull owner/repository:Q4_K_M downloads one"), empty.errors());
    }

    private CliRun run(boolean offline, String... arguments) {
        return CliRun.with(
                "",
                () -> new Hub(HubOptions.fromEnvironment()
                        .endpoint(URI.create(
                                "http://127.0.0.1:" + server.getAddress().getPort()))
                        .cache(cache)
                        .offline(offline)),
                arguments);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] reply = file;
        if (path.contains("/revision/")) {
            reply = json(Map.of("sha", COMMIT));
        } else if (path.contains("/tree/")) {
            reply = json(List.of(Map.of(
                    "type",
                    "file",
                    "oid",
                    "0".repeat(40),
                    "size",
                    file.length,
                    "path",
                    "lathe-F16.gguf",
                    "lfs",
                    Map.of("oid", hash(file), "size", file.length, "pointerSize", 100))));
        }
        try (exchange) {
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
        }
    }

    private static byte[] json(Object value) {
        return JsonValue.of(value).toJson().getBytes(StandardCharsets.UTF_8);
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
