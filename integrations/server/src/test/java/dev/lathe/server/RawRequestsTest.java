package dev.lathe.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Model;
import dev.lathe.ScriptedModels;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes that are no HTTP, or HTTP that is not right, on the wire. */
@Timeout(600)
class RawRequestsTest {
    private static final int REQUESTS = Integer.getInteger("lathe.rawRequests", 1000);
    private static final String END = "\r\n\r\n";
    private static final String HOST = "\r\nHost: localhost";
    private static final String POST = "POST /tokenize HTTP/1.1" + HOST + "\r\nContent-Type: application/json";

    private static final List<String> MALFORMED = List.of(
            END,
            "x" + END,
            "GET" + END,
            "GET /" + END,
            "GET  / HTTP/1.1" + HOST + END,
            "GET / HTTP/9.9" + END,
            "GET /\0 HTTP/1.1" + HOST + END,
            "GET /% HTTP/1.1" + HOST + END,
            "GET /[ HTTP/1.1" + HOST + END,
            "GET http://localhost/../../etc/passwd HTTP/1.1" + HOST + END,
            "GET * HTTP/1.1" + HOST + END,
            "GET /../../../../etc/passwd HTTP/1.1" + HOST + END,
            "GET //../etc/passwd HTTP/1.1" + HOST + END,
            "GET /%2e%2e/etc/passwd HTTP/1.1" + HOST + END,
            "GET /v1/models/..%2f..%2fx HTTP/1.1" + HOST + END,
            "GET / HTTP/1.1" + END,
            "GET / HTTP/1.1\r\nHost: evil.example" + END,
            "GET / HTTP/1.1\r\nno colon here" + END,
            "GET / HTTP/1.1\r\n: x" + END,
            "GET / HTTP/1.1\r\nH\0st: a" + END,
            "CONNECT localhost:80 HTTP/1.1" + HOST + END,
            "\u0016\u0003\u0001\u0002\u0000\u0001" + END,
            "PRI * HTTP/2.0" + END + "SM" + END,
            POST + "\r\nContent-Length: -1" + END,
            POST + "\r\nContent-Length: x" + END,
            POST + "\r\nContent-Length: 99999999999999999999" + END,
            POST + "\r\nContent-Length: 1\r\nContent-Length: 2" + END,
            POST + "\r\nContent-Length: 2, 2" + END + "{}",
            POST + END,
            POST + "\r\nContent-Length: 2" + END + "{}",
            POST + "\r\nContent-Length: 9" + END + "{}",
            POST + "\r\nTransfer-Encoding: chunked" + END + "x" + END,
            POST + "\r\nTransfer-Encoding: chunked" + END + "-1" + END,
            POST + "\r\nTransfer-Encoding: chunked" + END + "5\r\n{}",
            POST + "\r\nTransfer-Encoding: chunked" + END + "fffffffffffffff\r\n{}" + END,
            POST + "\r\nTransfer-Encoding: chunked\r\nContent-Length: 2" + END + "{}",
            "GET /" + "a".repeat(100_000) + " HTTP/1.1" + HOST + END,
            "GET / HTTP/1.1\r\nA: " + "a".repeat(400_000) + END,
            "GET / HTTP/1.1" + "\r\nA: b".repeat(300) + END);

    private static Model model;
    private static LatheServer server;

    @BeforeAll
    static void start() throws IOException {
        model = ScriptedModels.load(Path.of("../.."), 512, Map.of("", List.of("int max")));
        server = LatheServer.start(
                model, ServerOptions.DEFAULT.port(0).limits(ServerLimits.DEFAULT.transferTime(Duration.ofSeconds(2))));
    }

    @AfterAll
    static void stop() {
        server.close();
        model.close();
    }

    /** 501 is what the JDK's server says to a body that is chunked and has a length as well. */
    @Test
    void whatIsNotRightHttpIsRefusedOrCut() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        Map<Integer, Integer> counts = new TreeMap<>();
        for (int i = 0; i < REQUESTS; i++) {
            String request = MALFORMED.get(i < MALFORMED.size() ? i : random.nextInt(MALFORMED.size()));
            byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
            int cut = i < MALFORMED.size() ? bytes.length : random.nextInt(1, bytes.length + 1);
            int status = send(java.util.Arrays.copyOf(bytes, cut));
            assertTrue(
                    status == 0 || status >= 400 && status < 500 || status == 501,
                    () -> status + " for " + request.substring(0, Math.min(request.length(), 200)));
            counts.merge(status, 1, Integer::sum);
        }
        assertTrue(counts.containsKey(400), counts.toString());
        assertEquals(200, send(("GET /health HTTP/1.1" + HOST + END).getBytes(StandardCharsets.US_ASCII)));
        System.out.println(REQUESTS + " malformed byte streams: " + counts + " (0: cut without an answer)");
    }

    private static int send(byte[] request) throws IOException {
        try (RawClient client = new RawClient(server.uri(), 0, 10_000)) {
            client.send(request);
            client.endOutput();
            return client.status();
        } catch (SocketException reset) {
            return 0;
        }
    }
}
