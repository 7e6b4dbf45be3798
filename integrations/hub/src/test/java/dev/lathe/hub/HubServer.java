package dev.lathe.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A hub with one repository, and a store that it may redirect to; both can be told to misbehave. */
final class HubServer implements AutoCloseable {
    static final String REPOSITORY = "turner/lathe-GGUF";
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final int LARGE = 1000;

    /** What a hub or its store does with a request instead of answering it. */
    interface Trick {
        /** Whether it has answered. */
        boolean play(HttpExchange exchange) throws IOException;
    }

    private final HttpServer hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final HttpServer store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> files = new LinkedHashMap<>();
    /** Each request: its host's role, its path, its range, and its authorization. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    volatile boolean redirecting;
    volatile Trick atHub = _ -> false;
    volatile Trick atStore = _ -> false;
    volatile String listedPath = "";
    volatile int pageSize = 1000;

    HubServer() throws IOException {
        hub.createContext("/", exchange -> answer("hub", exchange));
        store.createContext("/", exchange -> answer("store", exchange));
        hub.setExecutor(threads);
        store.setExecutor(threads);
        hub.start();
        store.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    HubServer with(String path, byte[] content) {
        files.put(path, content);
        return this;
    }

    HubServer with(String path, String content) {
        return with(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** Requests of files, without listings. */
    List<String> downloads() {
        return requests.stream().filter(request -> !request.contains("/api/")).toList();
    }

    /** Plays a trick a number of times. */
    static Trick times(int count, Trick trick) {
        AtomicInteger left = new AtomicInteger(count);
        return exchange -> left.getAndDecrement() > 0 && trick.play(exchange);
    }

    /** A trick for files alone. */
    static Trick onFiles(Trick trick) {
        return exchange -> !exchange.getRequestURI().getPath().startsWith("/api/") && trick.play(exchange);
    }

    static Trick status(int status, String... header) {
        return exchange -> {
            if (header.length > 0) {
                exchange.getResponseHeaders().set(header[0], header[1]);
            }
            exchange.sendResponseHeaders(status, -1);
            return true;
        };
    }

    /** Answers with a file's right length but less of it. */
    Trick cutAfter(int bytes) {
        return exchange -> {
            byte[] content = files.get(name(exchange));
            int from = from(exchange);
            exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-");
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
            exchange.getResponseBody().write(content, from, Math.min(bytes, content.length - from));
            exchange.getResponseBody().flush();
            return true;
        };
    }

    static String hash(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static String gitId(byte[] content) {
        return hash("SHA-1", ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII), content);
    }

    private void answer(String role, HttpExchange exchange) throws IOException {
        try (exchange) {
            String range = exchange.getRequestHeaders().getFirst("Range");
            String key = exchange.getRequestHeaders().getFirst("Authorization");
            String uri = exchange.getRequestURI().toString();
            requests.add(role + " " + uri + (range == null ? "" : " " + range) + (key == null ? "" : " " + key));
            Trick trick = role.equals("hub") ? atHub : atStore;
            if (trick.play(exchange)) {
                return;
            }
            if (uri.startsWith("/api/models/" + REPOSITORY + "/revision/main")) {
                send(exchange, JsonValue.of(Map.of("sha", COMMIT)).toJson().getBytes(StandardCharsets.UTF_8));
            } else if (uri.startsWith("/api/models/" + REPOSITORY + "/tree/" + COMMIT)) {
                sendListing(exchange);
            } else if (!files.containsKey(name(exchange))) {
                exchange.sendResponseHeaders(404, -1);
            } else if (redirecting && role.equals("hub")) {
                String target = "http://127.0.0.1:" + store.getAddress().getPort() + exchange.getRequestURI();
                exchange.getResponseHeaders().set("Location", target);
                exchange.sendResponseHeaders(302, -1);
            } else {
                send(exchange, files.get(name(exchange)));
            }
        }
    }

    private static String name(HttpExchange exchange) {
        return exchange.getRequestURI().getPath().replaceFirst(".*/resolve/[0-9a-f]{40}/", "");
    }

    private static int from(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    }

    private static void send(HttpExchange exchange, byte[] content) throws IOException {
        int from = from(exchange);
        byte[] rest = Arrays.copyOfRange(content, from, content.length);
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, rest.length == 0 ? -1 : rest.length);
        exchange.getResponseBody().write(rest);
    }

    private void sendListing(HttpExchange exchange) throws IOException {
        List<Object> entries = new ArrayList<>();
        entries.add(Map.of("type", "directory", "oid", "0".repeat(40), "size", 0, "path", "folder"));
        files.forEach((path, content) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("type", "file");
            entry.put("oid", gitId(content));
            entry.put("size", content.length);
            entry.put("path", listedPath.isEmpty() ? path : listedPath);
            if (content.length > LARGE) {
                entry.put("lfs", Map.of("oid", hash("SHA-256", content), "size", content.length, "pointerSize", 100));
            }
            entries.add(entry);
        });
        String query = exchange.getRequestURI().getQuery();
        int page = query.contains("page=") ? Integer.parseInt(query.replaceAll(".*page=", "")) : 0;
        int end = Math.min(entries.size(), (page + 1) * pageSize);
        if (end < entries.size()) {
            exchange.getResponseHeaders()
                    .set(
                            "Link",
                            "<http://other.invalid" + exchange.getRequestURI().getPath() + "?recursive=true&page="
                                    + (page + 1) + ">; rel=\"next\"");
        }
        send(
                exchange,
                JsonValue.of(entries.subList(page * pageSize, end)).toJson().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
