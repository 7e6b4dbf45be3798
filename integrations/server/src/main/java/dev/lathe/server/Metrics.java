package dev.lathe.server;

import dev.lathe.Embeddings;
import dev.lathe.Engine;
import dev.lathe.EngineStatistics;
import dev.lathe.Kernels;
import dev.lathe.decode.GenerationStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a server does and tells it as OpenMetrics text. Thread-safe. */
final class Metrics {
    static final String CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final Map<Integer, LongAdder> answers = new ConcurrentSkipListMap<>();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder reusedPromptTokens = new LongAdder();
    private final LongAdder generatedTokens = new LongAdder();
    private final LongAdder embeddedTokens = new LongAdder();
    private final LongAdder disconnects = new LongAdder();
    private final LongAdder promptNanos = new LongAdder();
    private final LongAdder decodeNanos = new LongAdder();

    void answered(int status) {
        answers.computeIfAbsent(status, _ -> new LongAdder()).increment();
    }

    void disconnected() {
        disconnects.increment();
    }

    void generated(GenerationStatistics statistics) {
        promptTokens.add(statistics.promptTokens());
        reusedPromptTokens.add(statistics.reusedPromptTokens());
        generatedTokens.add(statistics.generatedTokens());
        promptNanos.add(statistics.promptTime().toNanos());
        decodeNanos.add(statistics.decodeTime().toNanos());
    }

    void embedded(Embeddings.Statistics statistics) {
        embeddedTokens.add(statistics.tokens());
    }

    String toText(Optional<Engine> engine) {
        StringBuilder out = new StringBuilder();
        head(out, "lathe_kernels", "info", "Kernels that compute.");
        out.append("lathe_kernels_info{name=\"").append(Kernels.inUse().name()).append("\"} 1\n");
        head(out, "lathe_requests", "counter", "Requests answered, by status.");
        answers.forEach((status, count) -> out.append("lathe_requests_total{status=\"")
                .append(status)
                .append("\"} ")
                .append(count.sum())
                .append('\n'));
        counter(out, "lathe_disconnects", "Clients that went away before their answer's end.", disconnects);
        counter(out, "lathe_prompt_tokens", "Tokens of prompts.", promptTokens);
        counter(out, "lathe_prompt_tokens_reused", "Tokens of prompts that were evaluated before.", reusedPromptTokens);
        counter(out, "lathe_generated_tokens", "Tokens generated.", generatedTokens);
        counter(out, "lathe_embedded_tokens", "Tokens of texts that became vectors.", embeddedTokens);
        seconds(out, "lathe_prompt_seconds", "Time spent on prompts.", promptNanos);
        seconds(out, "lathe_decode_seconds", "Time spent on tokens after the first.", decodeNanos);
        engine.ifPresent(running -> append(out, running.statistics()));
        return out.append("# EOF\n").toString();
    }

    private static void append(StringBuilder out, EngineStatistics statistics) {
        gauge(out, "lathe_answers_running", "Answers that are generated now.", statistics.running());
        gauge(out, "lathe_answers_waiting", "Answers that wait for their turn.", statistics.waiting());
        gauge(out, "lathe_idle_texts", "Texts that wait for a prompt that begins alike.", statistics.idleTexts());
        head(out, "lathe_queue_seconds", "counter", "Time that answers waited for their turn.");
        out.append("lathe_queue_seconds_total ")
                .append(statistics.waited().toNanos() * 1e-9)
                .append('\n');
        head(out, "lathe_passes", "counter", "Passes of the model, each for all answers under way.");
        out.append("lathe_passes_total ").append(statistics.passes().passes()).append('\n');
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    }

    private static void counter(StringBuilder out, String name, String help, LongAdder count) {
        head(out, name, "counter", help);
        out.append(name).append("_total ").append(count.sum()).append('\n');
    }

    private static void seconds(StringBuilder out, String name, String help, LongAdder nanos) {
        head(out, name, "counter", help);
        out.append(name).append("_total ").append(nanos.sum() * 1e-9).append('\n');
    }

    private static void gauge(StringBuilder out, String name, String help, int value) {
        head(out, name, "gauge", help);
        out.append(name).append(' ').append(value).append('\n');
    }
}
