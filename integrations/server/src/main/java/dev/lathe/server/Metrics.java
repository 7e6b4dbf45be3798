package dev.lathe.server;

import dev.lathe.Kernels;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.sessions.SessionPool;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what a server does and tells it as OpenMetrics text. Thread-safe. */
final class Metrics {
    static final String CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final Map<Integer, LongAdder> answers = new ConcurrentSkipListMap<>();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder reusedPromptTokens = new LongAdder();
    private final LongAdder generatedTokens = new LongAdder();
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

    String toText(SessionPool sessions) {
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
        counter(
                out,
                "lathe_prompt_tokens_reused",
                "Tokens of prompts that a session held already.",
                reusedPromptTokens);
        counter(out, "lathe_generated_tokens", "Tokens generated.", generatedTokens);
        seconds(out, "lathe_prompt_seconds", "Time spent on prompts.", promptNanos);
        seconds(out, "lathe_decode_seconds", "Time spent on tokens after the first.", decodeNanos);
        gauge(out, "lathe_requests_processing", "Requests that hold a session.", sessions.inUse());
        gauge(out, "lathe_requests_waiting", "Requests that wait for a session.", sessions.waiting());
        return out.append("# EOF\n").toString();
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
