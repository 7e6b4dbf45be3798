package dev.lathe.server;

import com.sun.net.httpserver.HttpExchange;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Server-sent events to one client. The headers go out with the first of them, so that what fails before still has a
 * status of its own. Each event is one write.
 */
final class EventStream {
    private final HttpExchange exchange;
    private final Watchdog watchdog;
    private final Duration limit;
    private boolean started;

    EventStream(HttpExchange exchange, Watchdog watchdog, Duration limit) {
        this.exchange = exchange;
        this.watchdog = watchdog;
        this.limit = limit;
    }

    boolean hasStarted() {
        return started;
    }

    void send(Object value) throws IOException {
        write("data: " + JsonValue.of(value).toJson() + "\n\n");
    }

    /** Something that clients pass over; it finds out whether they are still there. */
    void ping() throws IOException {
        write(": ping\n\n");
    }

    void fail(ApiException problem) throws IOException {
        write("data: " + problem.toJson() + "\n\n");
        exchange.getResponseBody().close();
    }

    void finish() throws IOException {
        write("data: [DONE]\n\n");
        exchange.getResponseBody().close();
    }

    private void write(String text) throws IOException {
        try (var _ = watchdog.watch(limit)) {
            if (!started) {
                started = true;
                exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
                exchange.getResponseHeaders().set("Cache-Control", "no-store");
                exchange.sendResponseHeaders(200, 0);
            }
            exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
        }
    }
}
