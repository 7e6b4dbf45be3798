package dev.lathe.server;

import com.sun.net.httpserver.HttpExchange;
import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.GenerationResult;
import dev.lathe.Request;
import dev.lathe.chat.ReplyParser;
import dev.lathe.chat.ReplyPiece;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Token;
import dev.lathe.decode.constraint.ConstraintException;
import dev.lathe.model.ContextFullException;
import dev.lathe.serve.QueueFullException;
import dev.lathe.serve.TenantLimitException;
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
        Delivery delivery = new Delivery(exchange, request, format);
        try {
            delivery.submit(prompt);
            delivery.follow();
            return delivery.end();
        } catch (RuntimeException failure) {
            throw delivery.failed(failure);
        } finally {
            delivery.answers.forEach(Answer::cancel);
        }
    }

    /** Something that happened to a choice: a token, or null at its end. */
    private record Event(int choice, Token token) {}

    /** A choice of a stream: what takes its tokens apart, and what was sent of it. */
    private static final class Choice {
        private final ReplyParser parser;
        private boolean begun;
        private int callsBegun;
        private int callsTold;

        Choice(ReplyParser parser) {
            this.parser = parser;
        }
    }

    /** One answer in the making, of one or more choices. */
    private final class Delivery {
        private final GenerationRequest request;
        private final ReplyFormat format;
        private final EventStream stream;
        private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        private final List<Answer> answers = new ArrayList<>();
        private final List<GenerationResult> results = new ArrayList<>();
        private final List<Choice> open = new ArrayList<>(); // of a stream
        private final Map<Integer, Object> choices = new LinkedHashMap<>();
        private final Tokenizer tokenizer = engine.model().tokenizer();
        private final String id;
        private final long created = Instant.now().getEpochSecond();

        Delivery(HttpExchange exchange, GenerationRequest request, ReplyFormat format) {
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
                open.add(new Choice(answer.newParser()));
                answer.future().whenComplete((result, failure) -> {
                    if (result != null) {
                        metrics.generated(result.stats());
                    }
                    events.add(new Event(choice, null));
                });
            }
        }

        void follow() throws IOException {
            for (int left = request.choices(); left > 0; ) {
                Event event = next();
                if (event.token() == null) {
                    finish(event.choice(), answers.get(event.choice()).result());
                    left--;
                } else if (request.stream()) {
                    sendParts(event.choice(), event.token());
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

        /** What a token makes sure of; its log-probability is told with the first piece, or alone. */
        private void sendParts(int index, Token token) throws IOException {
            List<Token> told = told(List.of(token));
            for (ReplyPiece piece : open.get(index).parser.accept(token.id(), token.text())) {
                if (sendPart(index, piece, told)) {
                    told = List.of();
                }
            }
            if (!told.isEmpty()) {
                sendPart(index, null, told);
            }
        }

        /** Sends a piece, if the client is to have it: a call was told in parts, also one that is cut off. */
        private boolean sendPart(int index, ReplyPiece piece, List<Token> told) throws IOException {
            Choice choice = open.get(index);
            if (piece instanceof ReplyPiece.Call) {
                choice.callsTold++;
                return false;
            }
            if (piece instanceof ReplyPiece.Text && choice.callsBegun > choice.callsTold) {
                return false;
            }
            Map<String, Object> part = part(index, piece, told);
            part.put("finish_reason", null);
            stream.send(envelope(true, List.of(part)));
            return true;
        }

        private Map<String, Object> part(int index, ReplyPiece piece, List<Token> told) {
            Choice choice = open.get(index);
            Map<String, Object> part = choice(index);
            boolean opensCall = piece instanceof ReplyPiece.CallPart call && call.index() == choice.callsBegun;
            format.putPart(part, !choice.begun, piece, opensCall, told);
            choice.begun = true;
            choice.callsBegun += opensCall ? 1 : 0;
            return part;
        }

        private void finish(int index, GenerationResult result) throws IOException {
            String reason = reason(result);
            results.add(result);
            if (request.stream()) {
                for (ReplyPiece piece : open.get(index).parser.finish()) {
                    sendPart(index, piece, List.of());
                }
                Map<String, Object> last = part(index, null, List.of());
                last.put("finish_reason", reason);
                stream.send(envelope(true, List.of(last)));
            } else {
                Map<String, Object> whole = choice(index);
                format.putWhole(whole, result, told(result.tokens()));
                whole.put("finish_reason", reason);
                choices.put(index, whole);
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
                case END_OF_TEXT, STOP_STRING -> result.reply().calls().isEmpty() ? "stop" : "tool_calls";
                case MAX_TOKENS, LENGTH_BUDGET, LOOP, CONTEXT_FULL, TIME_LIMIT, ENERGY_LIMIT, GIVEN_UP -> "length";
                case CANCELLED -> throw ApiException.unavailable("the server is stopping");
            };
        }

        /** What is told instead of an answer; a stream that began tells it itself and then breaks off. */
        RuntimeException failed(RuntimeException failure) throws IOException {
            RuntimeException told =
                    switch (failure) {
                        case QueueFullException full -> ApiException.busy(full.getMessage());
                        case TenantLimitException limit -> ApiException.busy(limit.getMessage());
                        case ContextFullException full ->
                            ApiException.badRequest("messages", "context_length_exceeded", full.getMessage());
                        case ConstraintException wrong ->
                            ApiException.badRequest(null, "unsupported_schema", wrong.getMessage());
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
