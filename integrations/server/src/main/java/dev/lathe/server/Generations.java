package dev.lathe.server;

import com.sun.net.httpserver.HttpExchange;
import dev.lathe.TokenStream;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.decode.Token;
import dev.lathe.sessions.QueueFullException;
import dev.lathe.sessions.SessionPool;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Runs generations on the calling thread and answers them, whole or as a stream. */
final class Generations {
    private static final System.Logger LOG = System.getLogger("dev.lathe.server");

    private final SessionPool sessions;
    private final Tokenizer tokenizer;
    private final ServerOptions options;
    private final Metrics metrics;
    private final Watchdog watchdog;
    private final Set<TokenStream> running = ConcurrentHashMap.newKeySet();
    private volatile boolean cancelled;

    Generations(SessionPool sessions, Tokenizer tokenizer, ServerOptions options, Metrics metrics, Watchdog watchdog) {
        this.sessions = sessions;
        this.tokenizer = tokenizer;
        this.options = options;
        this.metrics = metrics;
        this.watchdog = watchdog;
    }

    /** Cancels what runs and what will. */
    void cancel() {
        cancelled = true;
        running.forEach(TokenStream::cancel);
    }

    /** Answers a request; a whole answer is returned, a stream is sent, and then null is returned. */
    String answer(HttpExchange exchange, GenerationRequest request, int[] prompt, ReplyFormat format)
            throws IOException {
        if (prompt.length == 0) {
            throw ApiException.badRequest("prompt", "the prompt has no tokens");
        }
        if (prompt.length >= sessions.contextLength()) {
            throw ApiException.badRequest(
                    "messages",
                    "context_length_exceeded",
                    "the prompt has " + prompt.length + " tokens: expected fewer than the context length, "
                            + sessions.contextLength());
        }
        try (SessionPool.Lease lease = sessions.take(prompt, options.limits().queueTime())) {
            Answer answer = new Answer(exchange, request, format);
            for (int choice = 0; choice < request.choices(); choice++) {
                answer.run(lease, prompt, choice);
            }
            return answer.end();
        } catch (QueueFullException full) {
            throw ApiException.busy(full.getMessage());
        } catch (InterruptedException _) {
            throw ApiException.unavailable("the server is stopping");
        }
    }

    /** One answer in the making. */
    private final class Answer {
        private final GenerationRequest request;
        private final ReplyFormat format;
        private final EventStream events;
        private final List<Object> choices = new ArrayList<>();
        private final String id;
        private final long created = Instant.now().getEpochSecond();
        private int promptTokens;
        private int reusedTokens;
        private int generatedTokens;
        private IOException disconnect;

        Answer(HttpExchange exchange, GenerationRequest request, ReplyFormat format) {
            this.request = request;
            this.format = format;
            this.events = new EventStream(exchange, watchdog, options.limits().transferTime());
            this.id = format.idPrefix() + UUID.randomUUID().toString().replace("-", "");
        }

        void run(SessionPool.Lease lease, int[] prompt, int choice) throws IOException {
            GenerationOptions chosen = request.options(choice);
            if (request.stream()) {
                chosen = chosen.onPromptProgress((evaluated, all) -> ping(evaluated < all));
            }
            List<Token> tokens = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            try (TokenStream stream = lease.session().generate(prompt).options(chosen).stream()) {
                running.add(stream);
                try {
                    if (cancelled) {
                        stream.cancel();
                    }
                    for (Token token : stream) {
                        boolean told = chosen.logProbabilities() >= 0 && !tokenizer.isEndOfGeneration(token.id());
                        if (request.stream()) {
                            sendPart(choice, token, told ? List.of(token) : List.of());
                        } else {
                            text.append(token.text());
                            if (told) {
                                tokens.add(token);
                            }
                        }
                    }
                } finally {
                    running.remove(stream);
                    note(choice, stream.stats());
                }
                String reason = reason(stream.finishReason().orElseThrow());
                if (request.stream()) {
                    sendEnd(choice, reason);
                } else {
                    Map<String, Object> whole = choice(choice);
                    format.putWhole(whole, text.toString(), tokens);
                    whole.put("finish_reason", reason);
                    choices.add(whole);
                }
            } catch (RuntimeException failure) {
                if (!events.hasStarted()) {
                    throw failure;
                }
                if (failure instanceof ApiException problem) {
                    events.fail(problem);
                } else {
                    LOG.log(System.Logger.Level.ERROR, "a stream failed", failure);
                    events.fail(ApiException.internal());
                }
                throw new IOException("the stream ended with an error", failure);
            }
        }

        /** Between batches of a long prompt, which a client that went away needs no more. */
        private void ping(boolean goesOn) {
            try {
                if (goesOn) {
                    events.ping();
                }
            } catch (IOException gone) {
                disconnect = gone;
                Thread.currentThread().interrupt();
            }
        }

        private void sendPart(int choice, Token token, List<Token> told) throws IOException {
            if (token.index() == 0 || !token.text().isEmpty() || !told.isEmpty()) {
                Map<String, Object> part = choice(choice);
                format.putPart(part, token.index() == 0, token.text(), told);
                part.put("finish_reason", null);
                events.send(envelope(true, List.of(part)));
            }
        }

        private void sendEnd(int choice, String reason) throws IOException {
            Map<String, Object> part = choice(choice);
            format.putPart(part, false, "", List.of());
            part.put("finish_reason", reason);
            events.send(envelope(true, List.of(part)));
        }

        private String reason(FinishReason reason) throws IOException {
            return switch (reason) {
                case END_OF_TEXT, STOP_STRING -> "stop";
                case MAX_TOKENS, CONTEXT_FULL, TIME_LIMIT, ENERGY_LIMIT, GIVEN_UP -> "length";
                case CANCELLED -> {
                    if (disconnect != null) {
                        throw disconnect;
                    }
                    throw ApiException.unavailable("the server is stopping");
                }
            };
        }

        private void note(int choice, GenerationStatistics statistics) {
            metrics.generated(statistics);
            promptTokens = statistics.promptTokens();
            reusedTokens = choice == 0 ? statistics.reusedPromptTokens() : reusedTokens;
            generatedTokens += statistics.generatedTokens();
        }

        String end() throws IOException {
            if (!request.stream()) {
                Map<String, Object> whole = envelope(false, choices);
                whole.put("usage", usage());
                return JsonValue.of(whole).toJson();
            }
            if (request.tellsUsage()) {
                Map<String, Object> last = envelope(true, List.of());
                last.put("usage", usage());
                events.send(last);
            }
            events.finish();
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
            Map<String, Object> usage = new LinkedHashMap<>();
            usage.put("prompt_tokens", promptTokens);
            usage.put("completion_tokens", generatedTokens);
            usage.put("total_tokens", promptTokens + generatedTokens);
            usage.put("prompt_tokens_details", Map.of("cached_tokens", reusedTokens));
            return usage;
        }
    }
}
