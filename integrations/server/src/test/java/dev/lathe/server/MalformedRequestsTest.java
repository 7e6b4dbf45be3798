package dev.lathe.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Engine;
import dev.lathe.Model;
import dev.lathe.ScriptedModels;
import dev.lathe.serve.EngineOptions;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Requests that are wrong are refused with the status that each deserves, and with nothing else. */
class MalformedRequestsTest {
    private static final int REQUESTS = Integer.getInteger("lathe.requests", 20_000);
    private static final int BODY_LIMIT = 4000;

    @Test
    void whatIsWrongIsRefusedByItsOwnStatus() throws IOException {
        Map<Integer, Integer> counts = new TreeMap<>();
        try (Model model = ScriptedModels.load(Path.of("../.."), 512, Map.of("", List.of("int max")));
                Engine engine = model.engine(EngineOptions.DEFAULT);
                Watchdog watchdog = new Watchdog()) {
            Api api = new Api(
                    model,
                    ServerOptions.DEFAULT
                            .apiKey(MalformedRequests.KEY)
                            .limits(ServerLimits.DEFAULT.bodyBytes(BODY_LIMIT)),
                    Optional.of(engine),
                    watchdog);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < REQUESTS; i++) {
                MalformedRequests.Malformed request = MalformedRequests.next(random, BODY_LIMIT);
                FakeExchange exchange = request.exchange();
                api.handle(exchange);
                assertEquals(
                        request.status(),
                        exchange.getResponseCode(),
                        () -> exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                                + exchange.getRequestHeaders() + " " + request.body() + " was answered "
                                + exchange.text());
                JsonObject error = ((JsonObject) JsonValue.parse(exchange.text())).object("error");
                assertTrue(!error.text("message").isBlank(), exchange::text);
                counts.merge(request.status(), 1, Integer::sum);
            }
            assertEquals(0, engine.statistics().passes().passes(), "a wrong request was computed");
        }
        assertEquals(List.of(400, 401, 403, 404, 405, 413, 415), List.copyOf(counts.keySet()));
        System.out.println(REQUESTS + " malformed requests: " + counts);
    }

    @Test
    void theRightRequestsBesideThemAreAnswered() throws IOException {
        try (Model model = TestModel.load();
                Engine engine = model.engine(EngineOptions.DEFAULT);
                Watchdog watchdog = new Watchdog()) {
            Api api =
                    new Api(model, ServerOptions.DEFAULT.apiKey(MalformedRequests.KEY), Optional.of(engine), watchdog);
            for (Map.Entry<String, String> right : MalformedRequests.RIGHT.entrySet()) {
                FakeExchange exchange = FakeExchange.post(right.getKey(), right.getValue());
                exchange.getRequestHeaders().set("Authorization", "Bearer " + MalformedRequests.KEY);
                api.handle(exchange);
                assertEquals(200, exchange.getResponseCode(), exchange::text);
            }
        }
    }
}
