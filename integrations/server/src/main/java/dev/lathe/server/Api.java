package dev.lathe.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.lathe.Engine;
import dev.lathe.Kernels;
import dev.lathe.Model;
import dev.lathe.Request;
import dev.lathe.chat.ChatOptions;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.tensor.store.InsufficientMemoryException;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import dev.lathe.text.template.TemplateException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Every path of the server. Each request is one call on a thread of its own. */
final class Api implements HttpHandler {
    private static final System.Logger LOG = System.getLogger("dev.lathe.server");
    private static final int MOST_ALTERNATIVES = 20;
    private static final String JSON = "application/json";

    private final Model model;
    private final ServerOptions options;
    private final Optional<Engine> engine;
    private final Access access;
    private final Watchdog watchdog;
    private final Metrics metrics = new Metrics();
    private final ResponseFormat responseFormat = new ResponseFormat();
    private final TextVectors textVectors;
    private final long created = System.currentTimeMillis() / 1000;
    private final byte[] page;
    private volatile boolean stopping;

    /**
     * The paths of a model.
     *
     * @param engine empty if the model continues no texts
     */
    Api(Model model, ServerOptions options, Optional<Engine> engine, Watchdog watchdog) {
        this.model = model;
        this.options = options;
        this.engine = engine;
        this.access = new Access(options.apiKey());
        this.watchdog = watchdog;
        this.textVectors = new TextVectors(model, options, metrics);
        try (InputStream in = Api.class.getResourceAsStream("chat.html")) {
            this.page = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses what comes from now on. */
    void refuse() {
        stopping = true;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String reply;
            try {
                reply = answer(exchange);
            } catch (ApiException problem) {
                fail(exchange, problem);
                return;
            }
            if (reply != null) {
                send(exchange, 200, JSON, reply.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException gone) {
            metrics.disconnected();
            throw gone;
        } finally {
            Thread.interrupted();
        }
    }

    /** The answer as JSON; null if it was sent already. */
    private String answer(HttpExchange exchange) throws IOException {
        try {
            access.checkHost(exchange);
            return route(exchange);
        } catch (TemplateException refused) {
            throw ApiException.badRequest("messages", "the chat template: " + refused.getMessage());
        } catch (JsonException wrong) {
            throw ApiException.badRequest(null, wrong.getMessage());
        } catch (InsufficientMemoryException full) {
            throw ApiException.unavailable(full.getMessage());
        } catch (ApiException problem) {
            throw problem;
        } catch (RuntimeException failure) {
            if (stopping) {
                throw ApiException.unavailable("the server is stopping");
            }
            LOG.log(System.Logger.Level.ERROR, "a request failed", failure);
            throw ApiException.internal();
        }
    }

    private String route(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        return switch (path) {
            case "/" -> {
                requireMethod(exchange, "GET");
                exchange.getResponseHeaders()
                        .set(
                                "Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline';"
                                        + " script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'");
                yield send(exchange, 200, "text/html; charset=utf-8", page);
            }
            case "/health" -> {
                requireMethod(exchange, "GET");
                yield health();
            }
            case "/metrics" -> {
                authorize(exchange, "GET");
                yield send(
                        exchange,
                        200,
                        Metrics.CONTENT_TYPE,
                        metrics.toText(engine).getBytes(StandardCharsets.UTF_8));
            }
            case "/v1/models" -> {
                authorize(exchange, "GET");
                yield json("object", "list", "data", List.of(modelCard()));
            }
            case "/v1/chat/completions" -> {
                authorize(exchange, "POST");
                yield chat(exchange, body(exchange));
            }
            case "/v1/completions" -> {
                authorize(exchange, "POST");
                yield complete(exchange, body(exchange));
            }
            case "/v1/embeddings" -> {
                authorize(exchange, "POST");
                JsonValue body = body(exchange);
                yield textVectors.answer(body);
            }
            case "/tokenize" -> {
                authorize(exchange, "POST");
                yield tokenize(body(exchange));
            }
            case "/detokenize" -> {
                authorize(exchange, "POST");
                yield detokenize(body(exchange));
            }
            case null -> throw notFound("");
            default -> {
                if (path.startsWith("/v1/models/")) {
                    authorize(exchange, "GET");
                    checkModel(Optional.of(path.substring("/v1/models/".length())));
                    yield JsonValue.of(modelCard()).toJson();
                }
                throw notFound(path);
            }
        };
    }

    private String health() {
        if (stopping) {
            throw ApiException.unavailable("the server is stopping");
        }
        Kernels kernels = Kernels.inUse();
        return json("status", "ok", "kernels", kernels.name(), "reason", kernels.reason());
    }

    private String chat(HttpExchange exchange, JsonValue body) throws IOException {
        Set<String> supported = new HashSet<>(GenerationRequest.FIELDS);
        supported.addAll(Set.of("messages", "max_completion_tokens", "logprobs", "top_logprobs", "response_format"));
        supported.addAll(ConversationOptions.FIELDS);
        RequestFields fields = RequestFields.of(body, "", supported);
        checkModel(fields.text("model"));
        Engine answering = engine();
        boolean told = fields.bool("logprobs").orElse(false);
        Optional<Integer> alternatives = fields.integer("top_logprobs", 0, MOST_ALTERNATIVES);
        if (alternatives.isPresent() && !told) {
            throw ApiException.badRequest("top_logprobs", "'top_logprobs' needs 'logprobs': true");
        }
        GenerationRequest request = GenerationRequest.read(
                fields,
                model.vocabularySize(),
                options.limits(),
                fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE).or(() -> maxTokens(fields)),
                told ? alternatives.orElse(0) : GenerationOptions.NO_LOG_PROBABILITIES,
                responseFormat.read(fields.find("response_format")));
        List<ChatMessage> messages = ChatMessages.read(fields);
        ChatOptions chatOptions = ConversationOptions.read(fields);
        if (model.chatTemplate().isEmpty()) {
            throw ApiException.badRequest(
                    "messages",
                    "the model's file has no chat template: start the server with one, or use /v1/completions");
        }
        Request prompt;
        try {
            prompt = answering.chat(messages, chatOptions);
        } catch (IllegalArgumentException | UnsupportedOperationException refused) {
            throw ApiException.badRequest("messages", "the chat template: " + refused.getMessage());
        }
        return answer(exchange, request, prompt, ReplyFormat.chat(model.tokenizer(), told));
    }

    private String complete(HttpExchange exchange, JsonValue body) throws IOException {
        Set<String> supported = new HashSet<>(GenerationRequest.FIELDS);
        supported.addAll(Set.of("prompt", "logprobs"));
        RequestFields fields = RequestFields.of(body, "", supported);
        checkModel(fields.text("model"));
        Engine answering = engine();
        Optional<Integer> alternatives = fields.integer("logprobs", 0, MOST_ALTERNATIVES);
        GenerationRequest request = GenerationRequest.read(
                fields,
                model.vocabularySize(),
                options.limits(),
                maxTokens(fields),
                alternatives.orElse(GenerationOptions.NO_LOG_PROBABILITIES),
                Optional.empty());
        int[] prompt =
                switch (fields.find("prompt").orElse(null)) {
                    case JsonString text -> model.tokenizer().encodePrompt(text.text());
                    case JsonArray tokens -> tokens(tokens, "prompt");
                    case null, default ->
                        throw ApiException.badRequest("prompt", "'prompt': a text or an array of tokens is expected");
                };
        return answer(
                exchange,
                request,
                answering.generate(prompt),
                ReplyFormat.completion(model.tokenizer(), alternatives.isPresent()));
    }

    private String tokenize(JsonValue body) {
        RequestFields fields = RequestFields.of(body, "", Set.of("content", "add_special"));
        String content = fields.text("content")
                .orElseThrow(() -> ApiException.badRequest("content", "'content' is missing; a text is expected"));
        Tokenizer tokenizer = model.tokenizer();
        return json(
                "tokens", tokenizer.encode(content, fields.bool("add_special").orElse(false), false));
    }

    private String detokenize(JsonValue body) {
        RequestFields fields = RequestFields.of(body, "", Set.of("tokens"));
        if (fields.find("tokens").orElse(null) instanceof JsonArray tokens) {
            return json("content", model.tokenizer().decode(true, tokens(tokens, "tokens")));
        }
        throw ApiException.badRequest("tokens", "'tokens': an array of tokens is expected");
    }

    private int[] tokens(JsonArray array, String name) {
        int[] tokens = new int[array.elements().size()];
        Arrays.setAll(tokens, i -> {
            if (array.elements().get(i) instanceof JsonNumber number
                    && number.text().matches("[0-9]{1,9}")
                    && Integer.parseInt(number.text()) < model.vocabularySize()) {
                return Integer.parseInt(number.text());
            }
            throw ApiException.badRequest(
                    name, "'" + name + "[" + i + "]': a token below " + model.vocabularySize() + " is expected");
        });
        return tokens;
    }

    private void checkModel(Optional<String> name) {
        if (name.isPresent() && !name.get().equals(options.modelName())) {
            throw ApiException.refused(
                    404,
                    "model_not_found",
                    "the model '" + name.get() + "' does not exist: this server has '" + options.modelName() + "'");
        }
    }

    private Engine engine() {
        return engine.orElseThrow(() -> ApiException.badRequest(
                "model", "this model makes vectors of texts and continues none: use /v1/embeddings"));
    }

    private String answer(HttpExchange exchange, GenerationRequest request, Request prompt, ReplyFormat format)
            throws IOException {
        return new Generations(engine(), options, metrics, watchdog).answer(exchange, request, prompt, format);
    }

    private static Optional<Integer> maxTokens(RequestFields fields) {
        return fields.integer("max_tokens", 1, Integer.MAX_VALUE);
    }

    private JsonValue body(HttpExchange exchange) {
        try (var _ = watchdog.watch(options.limits().transferTime())) {
            return RequestBody.read(exchange, options.limits().bodyBytes());
        }
    }

    private void authorize(HttpExchange exchange, String method) {
        access.checkKey(exchange);
        requireMethod(exchange, method);
        if (stopping) {
            throw ApiException.unavailable("the server is stopping");
        }
    }

    private static void requireMethod(HttpExchange exchange, String method) {
        if (!exchange.getRequestMethod().equals(method)) {
            exchange.getResponseHeaders().set("Allow", method);
            throw ApiException.refused(405, "method_not_allowed", "expected " + method);
        }
    }

    private static ApiException notFound(String path) {
        return ApiException.refused(404, "not_found", "there is nothing at " + path);
    }

    private Map<String, Object> modelCard() {
        Map<String, Object> card = new LinkedHashMap<>();
        card.put("id", options.modelName());
        card.put("object", "model");
        card.put("created", created);
        card.put("owned_by", "lathe");
        card.put("context_length", engine.map(Engine::contextLength).orElseGet(model::contextLength));
        return card;
    }

    private static String json(Object... namesAndValues) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            members.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return JsonValue.of(members).toJson();
    }

    private void fail(HttpExchange exchange, ApiException problem) throws IOException {
        if (problem.status() == 429) {
            exchange.getResponseHeaders().set("Retry-After", "1");
        }
        send(exchange, problem.status(), JSON, problem.toJson().getBytes(StandardCharsets.UTF_8));
    }

    private String send(HttpExchange exchange, int status, String type, byte[] bytes) throws IOException {
        metrics.answered(status);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        try (var _ = watchdog.watch(options.limits().transferTime())) {
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
        return null;
    }
}
