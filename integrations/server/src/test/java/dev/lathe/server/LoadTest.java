package dev.lathe.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Model;
import dev.lathe.ScriptedModels;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A moment of {@link Load}: clients that behave see nothing of those that do not. */
@Timeout(120)
class LoadTest {
    @Test
    void clientsThatBehaveAreServedAmongThoseThatDoNot() throws Exception {
        String said = "int field; ".repeat(20);
        ServerOptions options =
                ServerOptions.DEFAULT.port(0).limits(ServerLimits.DEFAULT.transferTime(Duration.ofSeconds(2)));
        try (Model model = ScriptedModels.load(Path.of("../.."), 2048, Map.of("", List.of(said)));
                LatheServer server = LatheServer.start(model, options)) {
            Load.Report report = new Load(server.uri(), false, Optional.empty()).run(64, Duration.ofSeconds(1), 1);
            assertEquals(Map.of(), report.faults(), report::toString);
            assertTrue(report.outcomes().containsKey("stream: 200"), report::toString);
            assertTrue(report.first().count() > 0 && report.between().count() > 0, report::toString);
            assertEquals(200, status(server.uri()));
        }
    }

    private static int status(URI server) throws Exception {
        try (RawClient client = new RawClient(server, 0, 10_000)) {
            client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return client.status();
        }
    }
}
