package dev.lathe.server;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A page in a browser without a window, driven by the protocol of its own developer tools. */
final class Browser implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;

    private final Process process;
    private final Path profile;
    private final HttpClient client = HttpClient.newHttpClient();
    private final BlockingQueue<JsonObject> replies = new LinkedBlockingQueue<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private WebSocket tools;
    private int asked;

    private Browser(Process process, Path profile) {
        this.process = process;
        this.profile = profile;
    }

    static Browser open(Path program, URI page) throws Exception {
        Path profile = Files.createTempDirectory("browser");
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("log").toFile())
                .start();
        Browser browser = new Browser(process, profile);
        try {
            browser.connect();
            browser.call("Runtime.enable", Map.of());
            browser.call("Log.enable", Map.of());
            browser.call("Page.enable", Map.of());
            browser.call(
                    "Emulation.setDeviceMetricsOverride",
                    Map.of("width", 900, "height", 600, "deviceScaleFactor", 1, "mobile", false));
            browser.call("Page.navigate", Map.of("url", page.toString()));
            return browser;
        } catch (Exception e) {
            browser.close();
            throw e;
        }
    }

    private void connect() throws Exception {
        Path port = profile.resolve("DevToolsActivePort");
        for (int i = 0; i < 10 * PATIENCE_SECONDS && (Files.notExists(port) || Files.size(port) == 0); i++) {
            Thread.sleep(100);
        }
        String address = "http://127.0.0.1:" + Files.readAllLines(port).getFirst() + "/json/list";
        String pages = client.send(
                        HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        String url = ((JsonArray) JsonValue.parse(pages))
                .elements().stream()
                        .map(JsonObject.class::cast)
                        .filter(page -> page.text("url").equals("about:blank")) // the browser has pages of its own
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("no page among " + pages))
                        .text("webSocketDebuggerUrl");
        tools = client.newWebSocketBuilder()
                .buildAsync(URI.create(url), new Listener())
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The value of an expression, as text. */
    String evaluate(String expression) throws Exception {
        JsonObject result = call("Runtime.evaluate", Map.of("expression", "String(" + expression + ")"))
                .object("result");
        return result.find("value").orElseThrow() instanceof JsonString text ? text.text() : result.toJson();
    }

    /** Waits until an expression is true. */
    void await(String expression) throws Exception {
        for (int i = 0; i < 20 * PATIENCE_SECONDS; i++) {
            if (evaluate(expression).equals("true")) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError(expression + " did not come true on " + evaluate("document.body.innerText"));
    }

    byte[] screenshot() throws Exception {
        return Base64.getDecoder()
                .decode(call("Page.captureScreenshot", Map.of("format", "png")).text("data"));
    }

    /** What the page and its policies complained of. */
    List<String> problems() {
        return problems;
    }

    private JsonObject call(String method, Map<String, Object> parameters) throws Exception {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", ++asked);
        message.put("method", method);
        message.put("params", parameters);
        tools.sendText(JsonValue.of(message).toJson(), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        JsonObject reply = replies.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (reply == null || reply.find("error").isPresent()) {
            throw new IOException(method + " was answered " + reply);
        }
        return reply.object("result");
    }

    @Override
    public void close() throws IOException {
        client.shutdownNow();
        process.destroyForcibly().onExit().join();
        // What is left of the profile is the temporary folder's matter.
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                JsonObject message = (JsonObject) JsonValue.parse(text.toString());
                text.setLength(0);
                String method = message.findText("method").orElse("");
                if (message.find("id").isPresent()) {
                    replies.add(message);
                } else if (method.equals("Runtime.exceptionThrown")
                        || method.equals("Log.entryAdded") && !message.toJson().contains("\"level\": \"verbose\"")) {
                    problems.add(message.toJson());
                }
            }
            socket.request(1);
            return null;
        }
    }
}
