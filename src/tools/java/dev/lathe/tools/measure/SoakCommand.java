package dev.lathe.tools.measure;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.EngineStatistics;
import dev.lathe.Model;
import dev.lathe.Request;
import dev.lathe.decode.Sampler;
import dev.lathe.figures.Stopwatch;
import dev.lathe.lab.benchmark.ProcessMemory;
import dev.lathe.serve.EngineOptions;
import dev.lathe.serve.QueueFullException;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Many short requests from many threads, with cancels, deadlines and closes: whether every one ends and nothing is
 * left.
 */
public final class SoakCommand {
    private static final String HELP = """
            Soak: many short requests to engines that are closed and replaced now and then; fails unless every one ends,
            threads are as many as before, no keys and values are held, and the memory in use at the end is that of the
            beginning. Prompts have 4 to 8 tokens and answers 1 to 4. Memory is told at each tenth: of the heap after a
            collection, and of the process.

              --requests N        default: 100000
              --clients N         threads that ask; default: 32
              --cache MB          keys and values in memory; texts that exceed it sleep; default: 1
              --seed N            default: 1
            """;

    private final Program program;
    private final Model model;
    private final int requests;
    private final int clients;
    private final AtomicReference<Engine> engine = new AtomicReference<>();
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong afterClose = new AtomicLong();
    private final AtomicLong tokens = new AtomicLong();
    private final Map<String, Long> sums = new LinkedHashMap<>(); // of the engines that were closed
    private final List<Double> megabytes = new ArrayList<>();
    private final List<Double> residentMegabytes = new ArrayList<>();

    private SoakCommand(Program program, Model model) {
        this.program = program;
        this.model = model;
        this.requests = program.options.integer("--requests", 100_000, 100);
        this.clients = program.options.integer("--clients", 32, 1);
    }

    public static Command command() {
        return new Command(HELP + Program.LOADING, program -> {
            try (Model model = program.loadModel()) {
                new SoakCommand(program, model).run();
            }
        });
    }

    private Engine newEngine() {
        return model.engine(EngineOptions.DEFAULT
                .texts(16)
                .queueCapacity(64)
                .idleTexts(8)
                .contextLength(256)
                .cacheBytes(1_000_000L * program.options.integer("--cache", 1, 1)));
    }

    private void run() throws IOException {
        engine.set(newEngine());
        engine.get().generate(1).maxTokens(2).submit().result();
        int threadsBefore = threads();
        long begin = Stopwatch.system().nanos();
        List<Thread> threads = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            Random random = new Random(program.options.longInteger("--seed", 1) * clients + client);
            threads.add(Thread.ofPlatform().start(() -> ask(random)));
        }
        for (int tenth = 1; tenth <= 10; tenth++) {
            await(tenth * (long) requests / 10);
            if (tenth < 10) {
                close(newEngine());
            }
            noteMemory();
            program.terminal.progress("requests", (int) asked.get(), requests, "");
        }
        for (Thread thread : threads) {
            join(thread);
        }
        double seconds = (Stopwatch.system().nanos() - begin) * 1e-9;
        close(null);
        noteMemory();
        int threadsAfter = threads();
        tell(seconds, threadsBefore, threadsAfter);
    }

    /** Closes the engine while requests run and wait, and puts another in its place. */
    private void close(Engine next) {
        Engine old = engine.getAndSet(next);
        old.close();
        EngineStatistics statistics = old.statistics();
        sums.merge("completed", statistics.completed(), Long::sum);
        sums.merge("cancelled", statistics.cancelled(), Long::sum);
        sums.merge("expired", statistics.expired(), Long::sum);
        sums.merge("failed", statistics.failed(), Long::sum);
        sums.merge("refused", statistics.refused(), Long::sum);
        sums.merge("slept", statistics.cache().slept(), Long::sum);
        sums.merge("left", (long) statistics.waiting() + statistics.running(), Long::sum);
        sums.merge("cacheBytesLeft", statistics.cache().bytes(), Long::sum);
        sums.merge("asleepLeft", (long) statistics.cache().asleep(), Long::sum);
    }

    private void ask(Random random) {
        List<Answer> open = new ArrayList<>();
        while (asked.getAndIncrement() < requests) {
            open.add(submit(random, open));
            if (random.nextInt(6) == 0) {
                open.get(random.nextInt(open.size())).cancel();
            }
            if (open.size() > 3) {
                finish(open);
            }
        }
        finish(open);
    }

    /** Asks until it is let in. */
    private Answer submit(Random random, List<Answer> open) {
        int[] prompt =
                random.ints(4 + random.nextInt(5), 0, model.vocabularySize()).toArray();
        Sampler sampler = Sampler.temperature(1).seed(random.nextInt(100));
        int maxTokens = 1 + random.nextInt(4);
        boolean isUrgent = random.nextInt(8) == 0;
        while (true) {
            try {
                Request request = engine.get()
                        .generate(prompt)
                        .sampler(sampler)
                        .maxTokens(maxTokens)
                        .priority(random.nextInt(3));
                return (isUrgent ? request.deadline(Duration.ofMillis(1 + random.nextInt(200))) : request).submit();
            } catch (QueueFullException full) {
                refused.incrementAndGet();
                finish(open);
                pause(1);
            } catch (IllegalStateException closed) {
                afterClose.incrementAndGet();
                pause(1);
            }
        }
    }

    private void finish(List<Answer> open) {
        for (Answer answer : open) {
            tokens.addAndGet(answer.result().tokens().size());
            ended.incrementAndGet();
        }
        open.clear();
    }

    private void await(long count) {
        while (asked.get() < count) {
            pause(2);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new Program.FailureException("interrupted");
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new Program.FailureException("interrupted");
        }
    }

    /** Those that are not the virtual machine's own carriers of virtual threads, which come and go. */
    private static int threads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().matches("ForkJoinPool.*|VirtualThread.*|.*Poller.*"))
                .count();
    }

    /** Of the heap, after a collection, and of the process. */
    private void noteMemory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        megabytes.add((runtime.totalMemory() - runtime.freeMemory()) * 1e-6);
        residentMegabytes.add(ProcessMemory.residentBytes() * 1e-6);
    }

    private void tell(double seconds, int threadsBefore, int threadsAfter) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("requests", requests);
        result.put("clients", clients);
        result.put("seconds", seconds);
        result.put("tokens", tokens.get());
        result.put("ended", ended.get());
        result.putAll(sums);
        result.put("afterClose", afterClose.get());
        result.put("threadsBefore", threadsBefore);
        result.put("threadsAfter", threadsAfter);
        result.put("megabytes", megabytes);
        result.put("residentMegabytes", residentMegabytes);
        if (program.isJson()) {
            program.printJson(result);
        } else {
            result.forEach((name, value) -> program.out.printf(Locale.ROOT, "%-16s%s%n", name, value));
        }
        long byReason = sums.get("completed") + sums.get("cancelled") + sums.get("expired");
        require(ended.get() == requests, "not every request ended");
        require(ended.get() + 1 == byReason && sums.get("failed") == 0, "answers ended without a reason, or failed");
        require(
                sums.get("left") + sums.get("cacheBytesLeft") + sums.get("asleepLeft") == 0,
                "the closed engines hold something");
        require(threadsAfter <= threadsBefore, "threads are left");
        require(least(megabytes.subList(8, 11)) <= least(megabytes.subList(0, 3)) + 5, "memory grew");
    }

    private static double least(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new Program.FailureException(problem + "; see the figures above");
        }
    }
}
