package dev.lathe.server;

import com.sun.net.httpserver.HttpExchange;
import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.GenerationResult;
import dev.lathe.Request;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Token;
import dev.lathe.decode.constraint.ConstraintException;
import dev.lathe.model.ContextFullException;
import dev.lathe.serve.QueueFullException;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Has requests answered by the engine, and sends the answers, whole or as streams, on the calling thread. */
final class Generations {
    private static final System.Logger LOG = System.getLogger("dev.lathe.server");
    private static final long PING_SECONDS = 2;

    private final Engine engine;
    private final ServerOptions options;
    private final Metrics metrics;
    private final Watchdog watchdog;

    Generations(Engine engine, ServerOptions options, Metrics metrics, Watchdog watchdog) {
        this.engine = engine;
        this.options = options;
        this.metrics = metrics;
        this.watchdog = watchdog;
    }

    /**
     * Answers a request; a whole answer is returned, a stream is sent, and then null is returned.
     *
     * @param prompt without options
     */
    String answer(HttpExchange exchange, GenerationRequest request, Request prompt, ReplyFormat format)
            throws IOException {
        Reply reply = new Reply(exchange, request, format);
        try {
            reply.submit(prompt);
            reply.follow();
            return reply.end();
        } catch (RuntimeException failure) {
            throw reply.failed(failure);
        } finally {
            reply.answers.forEach(Answer::cancel);
        }
    }

    /** Something that happened to a choice: a token, or null at its end. */
    private record Event(int choice, Token token) {}

    /** One reply in the making, of one or more choices. */
    private final class Reply {
        private final GenerationRequest request;
        private final ReplyFormat format;
        private final EventStream stream;
        private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        private final List<Answer> answers = new ArrayList<>();
        private final List<GenerationResult> results = new ArrayList<>();
        private final Map<Integer, Object> choices = new LinkedHashMap<>();
        private final Tokenizer tokenizer = engine.model().tokenizer();
        private final String id;
        private final long created = Instant.now().getEpochSecond();

        Reply(HttpExchange exchange, GenerationRequest request, ReplyFormat format) {
            this.request = request;
            this.format = format;
            this.stream = new EventStream(exchange, watchdog, options.limits().transferTime());
            this.id = format.idPrefix() + UUID.randomUUID().toString().replace("-", "");
        }

        /** All choices at once: they share the engine's passes. */
        void submit(Request prompt) {
            for (int i = 0; i < request.choices(); i++) {
                int choice = i;
                Answer answer = prompt.options(request.options(choice))
                        .deadline(options.limits().generationTime())
                        .onToken(token -> events.add(new Event(choice, token)))
                        .submit();
                answers.add(answer);
                answer.future().whenComplete((result, failure) -> {
                    if (result != null) {
                        metrics.generated(result.stats());
                    }
                    events.add(new Event(choice, null));
                });
            }
        }

        void follow() throws IOException {
            for (int open = request.choices(); open > 0; ) {
                Event event = next();
                if (event.token() == null) {
                    finish(event.choice(), answers.get(event.choice()).result());
                    open--;
                } else if (request.stream()) {
                    sendPart(event.choice(), event.token());
                }
            }
        }

        /** Waits for what happens next; a stream's client that went away meanwhile is found out. */
        private Event next() throws IOException {
            try {
                for (; ; ) {
                    Event event = events.poll(PING_SECONDS, TimeUnit.SECONDS);
                    if (event != null) {
                        return event;
                    }
                    if (request.stream()) {
                        stream.ping();
                    }
                }
            } catch (InterruptedException _) {
                throw ApiException.unavailable("the server is stopping");
            }
        }

        private void sendPart(int choice, Token token) throws IOException {
            List<Token> told = told(List.of(token));
            if (token.index() == 0 || !token.text().isEmpty() || !told.isEmpty()) {
                Map<String, Object> part = choice(choice);
                format.putPart(part, token.index() == 0, token.text(), told);
                part.put("finish_reason", null);
                stream.send(envelope(true, List.of(part)));
            }
        }

        private void finish(int choice, GenerationResult result) throws IOException {
            String reason = reason(result);
            results.add(result);
            Map<String, Object> last = choice(choice);
            if (request.stream()) {
                format.putPart(last, result.tokens().isEmpty(), "", List.of());
            } else {
                format.putWhole(last, result.text(), told(result.tokens()));
            }
            last.put("finish_reason", reason);
            if (request.stream()) {
                stream.send(envelope(true, List.of(last)));
            } else {
                choices.put(choice, last);
            }
        }

        /** The tokens whose log-probabilities are told: where they are asked for, all but the text's end. */
        private List<Token> told(List<Token> tokens) {
            return request.options().logProbabilities() < 0
                    ? List.of()
                    : tokens.stream()
                            .filter(token -> !tokenizer.isEndOfGeneration(token.id()))
                            .toList();
        }

        private String reason(GenerationResult result) {
            FinishReason reason = result.finishReason();
            boolean began = !result.stats().promptTime().isZero();
            if (reason == FinishReason.TIME_LIMIT && !began) {
                throw ApiException.busy("no turn came within "
                        + options.limits().generationTime().toSeconds() + " s: try again later");
            }
            return switch (reason) {
                case END_OF_TEXT, STOP_STRING -> "stop";
                case MAX_TOKENS, CONTEXT_FULL, TIME_LIMIT, ENERGY_LIMIT, GIVEN_UP -> "length";
                case CANCELLED -> throw ApiException.unavailable("the server is stopping");
            };
        }

        /** What is told instead of an answer; a stream that began tells it itself and then breaks off. */
        RuntimeException failed(RuntimeException failure) throws IOException {
            RuntimeException told =
                    switch (failure) {
                        case QueueFullException full -> ApiException.busy(full.getMessage());
                        case ContextFullException full ->
                            ApiException.badRequest("messages", "context_length_exceeded", full.getMessage());
                        case ConstraintException wrong ->
                            ApiException.badRequest("response_format", wrong.getMessage());
                        case IllegalArgumentException wrong -> ApiException.badRequest(null, wrong.getMessage());
                        default -> failure;
                    };
            if (!stream.hasStarted()) {
                return told;
            }
            if (told instanceof ApiException problem) {
                stream.fail(problem);
            } else {
                LOG.log(System.Logger.Level.ERROR, "a stream failed", failure);
                stream.fail(ApiException.internal());
            }
            throw new IOException("the stream ended with an error", failure);
        }

        String end() throws IOException {
            if (!request.stream()) {
                List<Object> inOrder = new ArrayList<>();
                for (int i = 0; i < request.choices(); i++) {
                    inOrder.add(choices.get(i));
                }
                Map<String, Object> whole = envelope(false, inOrder);
                whole.put("usage", usage());
                return JsonValue.of(whole).toJson();
            }
            if (request.tellsUsage()) {
                Map<String, Object> last = envelope(true, List.of());
                last.put("usage", usage());
                stream.send(last);
            }
            stream.finish();
            metrics.answered(200);
            return null;
        }

        private Map<String, Object> choice(int index) {
            Map<String, Object> choice = new LinkedHashMap<>();
            choice.put("index", index);
            return choice;
        }

        private Map<String, Object> envelope(boolean part, List<Object> content) {
            Map<String, Object> envelope = new LinkedHashMap<>();
            envelope.put("id", id);
            envelope.put("object", format.object(part));
            envelope.put("created", created);
            envelope.put("model", options.modelName());
            envelope.put("choices", content);
            return envelope;
        }

        private Map<String, Object> usage() {
            int prompt = results.getFirst().stats().promptTokens();
            int reused = results.stream()
                    .mapToInt(result -> result.stats().reusedPromptTokens())
                    .min()
                    .orElse(0);
            int generated = results.stream()
                    .mapToInt(result -> result.stats().generatedTokens())
                    .sum();
            Map<String, Object> usage = new LinkedHashMap<>();
            usage.put("prompt_tokens", prompt);
            usage.put("completion_tokens", generated);
            usage.put("total_tokens", prompt + generated);
            usage.put("prompt_tokens_details", Map.of("cached_tokens", reused));
            return usage;
        }
    }
}
