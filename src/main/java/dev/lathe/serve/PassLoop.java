package dev.lathe.serve;

import dev.lathe.figures.Stopwatch;
import dev.lathe.measure.EnergyMeter;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.serve.Ticket.Part;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The one thread that evaluates: it gathers the passes that texts wait for and evaluates them together.
 *
 * <p>It begins as soon as every text of the last pass waits again, or is done; who takes longer than half of that pass
 * is not waited for. Steps all go along, in the order in which they came. Of prompts, the one with the smallest rank
 * goes first, and as many rows as {@link ChunkSize} allows.
 */
final class PassLoop implements AutoCloseable {
    private static final int MOST_STEP_ROWS = 512;
    private static final long LEAST_PATIENCE_NANOS = 1_000_000;

    private final LanguageModel model;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Ticket> waiting = new LinkedHashSet<>();
    private final Set<SharedState> expected = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ChunkSize chunkSize;
    private final Optional<EnergyMeter> meter;
    private final Thread thread;
    private PassStatistics statistics = PassStatistics.NONE;
    private long lastPassNanos;
    private boolean closed;
    private Throwable fault; // what ended the thread; null if nothing but closing did

    PassLoop(LanguageModel model, Optional<Duration> longestPass, Optional<EnergyMeter> meter) {
        this.model = model;
        this.meter = meter;
        this.chunkSize = new ChunkSize(longestPass);
        this.thread = Thread.ofPlatform().daemon().name("lathe-engine").start(this::run);
    }

    /** Evaluates batches together with those of others; waits. */
    FloatMatrix evaluate(List<SharedState> states, List<TokenBatch> batches, BooleanSupplier stop) {
        Ticket ticket = new Ticket(states, batches, stop);
        lock.lock();
        try {
            if (closed) {
                throw ended("the engine is closed");
            }
            waiting.add(ticket);
            expected.removeAll(states);
            if (waiting.size() == 1 || expected.isEmpty()) {
                changed.signal(); // to those between, the thread would wake for nothing
            }
        } finally {
            lock.unlock();
        }
        return ticket.await();
    }

    /** This text will not come again soon. */
    void release(SharedState state) {
        lock.lock();
        try {
            if (expected.remove(state) && expected.isEmpty()) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    PassStatistics statistics() {
        lock.lock();
        try {
            return statistics;
        } finally {
            lock.unlock();
        }
    }

    /** How many tickets wait for a pass, or are in one. */
    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread after the pass under way; whoever still waits gets an {@code IllegalStateException}. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        Threads.join(thread);
    }

    private void run() {
        lock.lock();
        try {
            while (!closed) {
                while (waiting.isEmpty() && !closed) {
                    changed.awaitUninterruptibly();
                }
                gather();
                if (!closed) {
                    step();
                }
            }
        } catch (RuntimeException | Error failure) { // such as a meter's, which is nobody's in particular
            fault = failure;
            closed = true;
        } finally {
            waiting.forEach(ticket -> ticket.fail(ended("the engine was closed")));
            serveEnded();
            lock.unlock();
        }
    }

    private void step() {
        waiting.stream().filter(Ticket::isStopped).forEach(Ticket::cancel);
        serveEnded();
        if (!waiting.isEmpty()) {
            pass(choose());
        }
    }

    private IllegalStateException ended(String closing) {
        return fault == null
                ? new IllegalStateException(closing)
                : new IllegalStateException("the engine has ended by a failure: " + fault + "; open another", fault);
    }

    /** Waits for the texts of the last pass, but not for long. */
    private void gather() {
        long left = Math.max(LEAST_PATIENCE_NANOS, lastPassNanos / 2);
        while (!expected.isEmpty() && left > 0 && !closed) {
            try {
                left = changed.awaitNanos(left);
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody but this class knows the engine's thread", e);
            }
        }
        expected.clear();
    }

    private List<Part> choose() {
        List<Part> parts = new ArrayList<>();
        int rows = 0;
        for (Ticket ticket : waiting) {
            if (!ticket.isLong() && rows < MOST_STEP_ROWS) {
                parts.add(ticket.next(MOST_STEP_ROWS));
                rows += parts.getLast().rows();
            }
        }
        List<Ticket> prompts = waiting.stream()
                .filter(Ticket::isLong)
                .sorted(Comparator.comparingLong(Ticket::rank))
                .toList();
        double free = 1; // of the pass's room for prompts
        for (Ticket prompt : prompts) {
            int all = chunkSize.rows(rows, prompt.position());
            int room = (int) (free * all);
            if (room <= 0) {
                break;
            }
            parts.add(prompt.next(room));
            free -= (double) parts.getLast().rows() / all;
        }
        return parts;
    }

    /** Evaluates without the lock: nobody else touches the states of a pass meanwhile. */
    private void pass(List<Part> parts) {
        List<Outcome> outcomes;
        EnginePassEvent event = new EnginePassEvent();
        event.begin();
        double joules = 0;
        long begin = Stopwatch.system().nanos();
        lock.unlock();
        try {
            double before = meter.map(EnergyMeter::joules).orElse(0.0);
            outcomes = evaluate(parts);
            joules = meter.map(EnergyMeter::joules).orElse(0.0) - before;
        } finally {
            lock.lock();
        }
        lastPassNanos = Stopwatch.system().nanos() - begin;
        double rows = parts.stream().mapToInt(Part::rows).sum();
        int texts = 0;
        int stepRows = 0;
        int promptRows = 0;
        long promptPositions = 0;
        for (Outcome outcome : outcomes) {
            Part part = outcome.part;
            texts += part.ticket().textCount();
            stepRows += part.ticket().isLong() ? 0 : part.rows();
            promptRows += part.ticket().isLong() ? part.rows() : 0;
            promptPositions += part.ticket().isLong() ? (long) part.rows() * part.position() : 0;
            part.ticket().owner().spend(joules * part.rows() / rows);
            part.ticket().owner().shareOfPass(part.rows() / rows);
            if (outcome.failure == null) {
                part.ticket().evaluated(part, outcome.logits, outcome.firstRow);
            } else {
                part.ticket().fail(outcome.failure);
            }
            if (part.ticket().hasEnded()) {
                expected.add(part.ticket().owner());
            }
        }
        serveEnded(); // after all copies: the first state holds the logits, and its next pass writes over them
        event.report(texts, stepRows + promptRows, promptRows, waiting.size());
        chunkSize.observe(stepRows, promptRows, (int) (promptPositions / Math.max(1, promptRows)), lastPassNanos);
        statistics = statistics.with(texts, stepRows + promptRows, promptRows, Duration.ofNanos(lastPassNanos));
    }

    private void serveEnded() {
        waiting.stream().filter(Ticket::hasEnded).forEach(Ticket::serve);
        waiting.removeIf(Ticket::hasEnded);
    }

    /** Where a part's rows of logits are; or why there are none. */
    private record Outcome(Part part, FloatMatrix logits, int firstRow, Throwable failure) {}

    /** All parts in one pass; each alone if that fails, so that nobody pays for another's fault. */
    private List<Outcome> evaluate(List<Part> parts) {
        List<InferenceState> states = new ArrayList<>();
        List<TokenBatch> batches = new ArrayList<>();
        for (Part part : parts) {
            states.addAll(part.states());
            batches.addAll(part.batches());
        }
        List<Integer> lengths = states.stream().map(InferenceState::length).toList();
        try {
            FloatMatrix logits = model.forward(states, batches);
            List<Outcome> outcomes = new ArrayList<>();
            int row = 0;
            for (Part part : parts) {
                outcomes.add(new Outcome(part, logits, row, null));
                row += part.wantedRows();
            }
            return outcomes;
        } catch (RuntimeException | Error failure) {
            if (parts.size() == 1) {
                return List.of(new Outcome(parts.getFirst(), null, 0, failure));
            }
            for (int i = 0; i < lengths.size(); i++) {
                if (states.get(i).length() > lengths.get(i)) {
                    states.get(i).rewind(lengths.get(i));
                }
            }
            return parts.stream().map(part -> evaluateAlone(part)).toList();
        }
    }

    private Outcome evaluateAlone(Part part) {
        return evaluate(List.of(part)).getFirst();
    }
}
