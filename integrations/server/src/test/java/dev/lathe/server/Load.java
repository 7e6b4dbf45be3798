package dev.lathe.server;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Clients that use and misuse a server for a while: streams and whole answers of many lengths, clients that leave, read
 * slowly or not at all, bodies that are too long or wrong. Counts what came of it and measures the streams of those that
 * behave.
 *
 * <p>Run by hand, on any server with OpenAI's interface; this file is a program as it stands:
 *
 * <pre>java Load.java URL CLIENTS SECONDS [--pid PID] [--streams]</pre>
 *
 * It first warms the server up for a tenth of the time. The process identifier is the server's, whose resident memory is
 * then told and, of Java's, the heap that is in use after a collection; with {@code --streams} all clients behave, as for
 * servers that promise other refusals. A key is taken from the environment's {@code OPENAI_API_KEY}.
 */
final class Load {
    private static final int TIMEOUT_MILLIS = 120_000;
    private static final byte[] OVERSIZED =
            ("{\"prompt\": \"" + "a".repeat(5_000_000) + "\"}").getBytes(StandardCharsets.US_ASCII);

    private final URI server;
    private final boolean streamsOnly;
    private final String headers;
    private final Map<String, LongAdder> outcomes = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> faults = new ConcurrentSkipListMap<>();
    private final Times first = new Times();
    private final Times between = new Times();
    private volatile long endNanos;
    private String model = "";

    /**
     * Clients of a server.
     *
     * @param server what stands before {@code /v1}
     * @param streamsOnly whether all clients behave
     * @param key that the server wants, if it wants one
     */
    Load(URI server, boolean streamsOnly, Optional<String> key) {
        this.server = server;
        this.streamsOnly = streamsOnly;
        this.headers =
                key.map(secret -> "Authorization: Bearer " + secret + "\r\n").orElse("");
    }

    public static void main(String[] arguments) throws Exception {
        List<String> options = List.of(arguments);
        Duration duration = Duration.ofSeconds(Long.parseLong(arguments[2]));
        int pidAt = options.indexOf("--pid") + 1;
        Optional<String> pid = pidAt > 0 ? Optional.of(options.get(pidAt)) : Optional.empty();
        int clients = Integer.parseInt(arguments[1]);
        Supplier<Load> loads = () -> new Load(
                URI.create(arguments[0]),
                options.contains("--streams"),
                Optional.ofNullable(System.getenv("OPENAI_API_KEY")));
        loads.get().run(clients, duration.dividedBy(10), 0); // what a server makes once is there before it is measured
        tellHeap(pid);
        Load load = loads.get();
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<Report> report = other.submit(() -> load.run(clients, duration, 1));
            long pause = Math.max(1, duration.toMillis() / 10);
            while (!report.isDone()) {
                if (pid.isPresent()) {
                    System.out.println("resident " + residentKilobytes(pid.get()) / 1024 + " MiB");
                }
                Thread.sleep(pause);
            }
            System.out.println(report.get());
        }
        tellHeap(pid);
    }

    /** What objects take after a collection, as the JDK's tool counts them; nothing of a process that is not Java's. */
    private static void tellHeap(Optional<String> pid) throws IOException, InterruptedException {
        if (pid.isEmpty()) {
            return;
        }
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process = new ProcessBuilder(jcmd, pid.get(), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String last = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .reduce("", (_, line) -> line);
        String[] total = last.strip().split("\\s+");
        if (process.waitFor() == 0 && total.length == 3 && total[0].equals("Total")) {
            System.out.println("heap after a collection " + Long.parseLong(total[2]) / 1_000_000 + " MB");
        }
    }

    private static long residentKilobytes(String pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", pid, "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /**
     * What came of it.
     *
     * @param outcomes requests by what the client did and what it got
     * @param faults what no client should see
     * @param first from the request to its first token
     * @param between from a token to the next one
     * @param seconds that it took
     */
    record Report(Map<String, Long> outcomes, Map<String, Long> faults, Times first, Times between, double seconds) {
        @Override
        public String toString() {
            StringBuilder out = new StringBuilder();
            outcomes.forEach((outcome, count) -> out.append(String.format("%8d  %s%n", count, outcome)));
            faults.forEach((fault, count) -> out.append(String.format("%8d  FAULT %s%n", count, fault)));
            double speed = (first.count() + between.count()) / seconds;
            return out + String.format(Locale.ROOT, "%8d  faults%n", sum(faults)) + "first token " + first
                    + "\nbetween tokens " + between
                    + String.format(Locale.ROOT, "%n%.0f tokens a second to those who read all", speed);
        }

        private static long sum(Map<String, Long> counts) {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** Runs so many clients for so long. */
    Report run(int clients, Duration duration, long seed) throws Exception {
        model = modelName();
        long start = System.nanoTime();
        endNanos = start + duration.toNanos();
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < clients; i++) {
                SplittableRandom random = new SplittableRandom(seed + i);
                running.add(threads.submit(() -> client(random)));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
        return new Report(counts(outcomes), counts(faults), first, between, (System.nanoTime() - start) * 1e-9);
    }

    private String modelName() throws IOException {
        try (RawClient client = new RawClient(server, 0, TIMEOUT_MILLIS)) {
            client.get(server.getPath() + "/v1/models", headers);
            requireStatus(client.status(), "no models", 200);
            Matcher id = Pattern.compile("\"id\":\\s*\"([^\"]*)\"").matcher(client.rest());
            return id.find() ? id.group(1) : "";
        }
    }

    private static Map<String, Long> counts(Map<String, LongAdder> adders) {
        Map<String, Long> counts = new TreeMap<>();
        adders.forEach((name, count) -> counts.put(name, count.sum()));
        return counts;
    }

    private void client(SplittableRandom random) {
        while (System.nanoTime() < endNanos) {
            int what = streamsOnly ? 0 : random.nextInt(100);
            String name = what < 60
                    ? "stream"
                    : what < 70
                            ? "whole"
                            : what < 80
                                    ? "leaves"
                                    : what < 85
                                            ? "slow"
                                            : what < 87
                                                    ? "stuck"
                                                    : what < 90 ? "oversized" : what < 97 ? "malformed" : "health";
            try {
                String outcome = act(name, random);
                count(outcomes, name + ": " + outcome);
                if (outcome.startsWith("429")) {
                    Thread.sleep(1000); // as Retry-After says
                }
            } catch (IOException | RuntimeException | InterruptedException fault) {
                count(faults, name + ": " + fault);
            }
        }
    }

    private void count(Map<String, LongAdder> counts, String name) {
        counts.computeIfAbsent(name, _ -> new LongAdder()).increment();
    }

    private String act(String name, SplittableRandom random) throws IOException, InterruptedException {
        return switch (name) {
            case "stream" -> stream(random);
            case "whole" -> post(completion(random, 64, false, ""), 200);
            case "leaves" -> leaves(random);
            case "slow" -> slow(random);
            case "stuck" -> stuck(random);
            case "oversized" -> post(OVERSIZED, 413);
            case "malformed" -> malformed(random);
            default -> health();
        };
    }

    /** A prompt of up to some 350 tokens and an answer of up to so many. */
    private byte[] completion(SplittableRandom random, int mostTokens, boolean streamed, String more) {
        int words = random.nextInt(5) == 0 ? random.nextInt(40, 70) : random.nextInt(1, 20);
        StringBuilder prompt = new StringBuilder("class Test {");
        for (int i = 0; i < words; i++) {
            prompt.append(" int field").append(random.nextInt(100)).append(';');
        }
        return ("{\"model\": \"" + model + "\", \"prompt\": \"" + prompt + "\", \"temperature\": 0.8, \"seed\": "
                        + random.nextInt(1000)
                        + ", \"max_tokens\": " + random.nextInt(1, mostTokens + 1) + ", \"stream\": " + streamed + more
                        + "}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private RawClient open(byte[] body, int receiveBuffer) throws IOException {
        RawClient client = new RawClient(server, receiveBuffer, TIMEOUT_MILLIS);
        try {
            client.post(server.getPath() + "/v1/completions", headers, body);
        } catch (IOException refused) {
            // a body that is too long is refused while it is sent
        }
        return client;
    }

    private String post(byte[] body, int expected) throws IOException {
        try (RawClient client = open(body, 0)) {
            int status = client.status();
            String said = client.rest();
            requireStatus(status, said, expected);
            return Integer.toString(status);
        }
    }

    private static void requireStatus(int status, String said, int expected) throws IOException {
        if (status != expected && status != 429) {
            throw new IOException(status + " instead of " + expected + ": " + said);
        }
    }

    private String stream(SplittableRandom random) throws IOException {
        long start = System.nanoTime();
        try (RawClient client = open(completion(random, 128, true, ""), 0)) {
            int status = client.status();
            if (status != 200) {
                requireStatus(status, client.rest(), 200);
                return Integer.toString(status);
            }
            long before = start;
            String last = "";
            for (Optional<String> event = client.event(); event.isPresent(); event = client.event()) {
                last = event.get();
                if (last.contains("\"error\"")) {
                    throw new IOException("a stream ended with " + last);
                }
                long now = System.nanoTime();
                if (last.contains("\"finish_reason\": null") || last.contains("\"finish_reason\":null")) {
                    (before == start ? first : between).add(now - before);
                    before = now;
                }
            }
            if (!last.equals("[DONE]")) {
                throw new IOException("a stream ended with " + last);
            }
            return "200";
        }
    }

    private String leaves(SplittableRandom random) throws IOException {
        try (RawClient client = open(completion(random, 500, true, ""), 0)) {
            if (random.nextInt(3) == 0) {
                return "left at once";
            }
            int status = client.status();
            if (status != 200) {
                requireStatus(status, client.rest(), 200);
                return Integer.toString(status);
            }
            for (int i = random.nextInt(10); i > 0 && client.event().isPresent(); i--) {}
            return "left in the stream";
        }
    }

    private String slow(SplittableRandom random) throws IOException, InterruptedException {
        try (RawClient client = open(completion(random, 40, true, ""), 1024)) {
            int status = client.status();
            if (status != 200) {
                requireStatus(status, client.rest(), 200);
                return Integer.toString(status);
            }
            for (Optional<String> event = client.event(); event.isPresent(); event = client.event()) {
                Thread.sleep(random.nextInt(100));
            }
            return "200";
        }
    }

    /** Asks for more than buffers hold, and reads nothing for as long as the server waits, or longer. */
    private String stuck(SplittableRandom random) throws IOException, InterruptedException {
        try (RawClient client = open(completion(random, 400, true, ", \"n\": 4, \"logprobs\": 20"), 1024)) {
            int status = client.status();
            if (status != 200) {
                requireStatus(status, client.rest(), 200);
                return Integer.toString(status);
            }
            Thread.sleep(random.nextInt(10_000));
            return "left";
        }
    }

    private String malformed(SplittableRandom random) throws IOException {
        byte[] right = completion(random, 10, true, "");
        return post(Arrays.copyOf(right, random.nextInt(right.length)), 400);
    }

    private String health() throws IOException {
        try (RawClient client = new RawClient(server, 0, TIMEOUT_MILLIS)) {
            client.get(server.getPath() + "/health", headers);
            int status = client.status();
            requireStatus(status, client.rest(), 200);
            return Integer.toString(status);
        }
    }

    /** Measured times. Thread-safe. */
    static final class Times {
        private long[] nanos = new long[1024];
        private int count;

        synchronized void add(long time) {
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            nanos[count++] = time;
        }

        synchronized int count() {
            return count;
        }

        /** In milliseconds. */
        synchronized double quantile(double share) {
            if (count == 0) {
                return Double.NaN;
            }
            long[] sorted = Arrays.copyOf(nanos, count);
            Arrays.sort(sorted);
            return sorted[(int) Math.min(count - 1, (long) (share * count))] * 1e-6;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "p50 %.1f ms, p99 %.1f ms, longest %.1f ms (%d)",
                    quantile(0.5),
                    quantile(0.99),
                    quantile(1),
                    count());
        }
    }
}
