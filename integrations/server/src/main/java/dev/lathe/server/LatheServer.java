package dev.lathe.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lathe.Engine;
import dev.lathe.Model;
import dev.lathe.model.EmbeddingModel;
import dev.lathe.serve.EngineOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A model behind a port that speaks OpenAI's protocol: {@code /v1/chat/completions}, {@code /v1/completions},
 * {@code /v1/embeddings}, {@code /v1/models}, and {@code /tokenize}, {@code /detokenize}, {@code /health}, {@code /metrics} beside them. A page
 * to chat with the model is at {@code /}.
 *
 * <p>Answers at the same time go through the model together. What a request names and the server cannot do is refused with its name, never ignored. The same request with the
 * same seed has the same answer, whoever else is served meanwhile.
 *
 * <p>A client that leaves a stream cancels it with its next token. The JDK's server learns of a client's leaving from
 * writes alone, so an answer that is not streamed is computed to its end.
 *
 * <pre>{@code
 * try (Model model = Model.load(file);
 *         LatheServer server = LatheServer.start(model, ServerOptions.DEFAULT)) {
 *     System.out.println(server.uri());
 *     Thread.currentThread().join();
 * }
 * }</pre>
 */
public final class LatheServer implements AutoCloseable {
    private static final Duration TIME_TO_TELL = Duration.ofSeconds(2);

    private final HttpServer http;
    private final ExecutorService threads;
    private final Watchdog watchdog;
    private final Optional<Engine> engine;
    private final Api api;
    private final Duration stopTime;
    private final Set<Thread> busy = new HashSet<>();

    private LatheServer(Model model, ServerOptions options) throws IOException {
        ServerLimits limits = options.limits();
        this.stopTime = limits.stopTime();
        this.engine = engine(model, limits);
        this.watchdog = new Watchdog();
        this.api = new Api(model, options, engine, watchdog);
        // Else each event of a stream waits for the last one's acknowledgement, some 40 ms; read once, by the class.
        System.setProperty("sun.net.httpserver.nodelay", System.getProperty("sun.net.httpserver.nodelay", "true"));
        this.http = HttpServer.create(new InetSocketAddress(options.host(), options.port()), 0);
        this.threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("lathe-server-", 0).factory());
        http.setExecutor(threads);
        http.createContext("/", this::handle);
    }

    /** What answers; nothing, where the model makes vectors only. */
    private static Optional<Engine> engine(Model model, ServerLimits limits) {
        if (model.languageModel() instanceof EmbeddingModel embedding && embedding.isEncoder()) {
            return Optional.empty();
        }
        return Optional.of(model.engine(EngineOptions.DEFAULT
                .texts(limits.texts())
                .queueCapacity(limits.queueLength())
                .contextLength(limits.contextLength())));
    }

    /**
     * Starts a server.
     *
     * @param model stays the caller's, who closes it after the server
     * @throws IOException if the port cannot be had
     * @throws dev.lathe.text.template.TemplateException if the model's chat template cannot be parsed
     * @throws IllegalArgumentException if the context length is beyond the model's
     */
    public static LatheServer start(Model model, ServerOptions options) throws IOException {
        Objects.requireNonNull(options, "options");
        int contextLength = options.limits().contextLength();
        if (contextLength > model.contextLength()) {
            throw new IllegalArgumentException("contextLength is " + contextLength + ": the model was made for at most "
                    + model.contextLength() + " tokens");
        }
        model.chatTemplate();
        LatheServer server = new LatheServer(model, options);
        server.http.start();
        return server;
    }

    /** Where it listens. */
    public URI uri() {
        InetSocketAddress address = http.getAddress();
        String host = address.getAddress().getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort());
    }

    /**
     * Stops: new requests are answered 503, those under way may end within {@link ServerLimits#stopTime}, the rest is
     * cancelled and told so.
     */
    @Override
    public void close() {
        api.refuse();
        awaitIdle(stopTime);
        engine.ifPresent(Engine::close);
        awaitIdle(TIME_TO_TELL);
        // Who does not read is not waited for: an interrupt closes the connection.
        synchronized (busy) {
            busy.forEach(Thread::interrupt);
        }
        http.stop(0);
        threads.shutdownNow();
        watchdog.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        synchronized (busy) {
            busy.add(Thread.currentThread());
        }
        try {
            api.handle(exchange);
        } finally {
            synchronized (busy) {
                busy.remove(Thread.currentThread());
                busy.notifyAll();
            }
        }
    }

    private void awaitIdle(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        synchronized (busy) {
            try {
                for (long left = limit.toMillis(); !busy.isEmpty() && left > 0; ) {
                    busy.wait(left);
                    left = (end - System.nanoTime()) / 1_000_000;
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
