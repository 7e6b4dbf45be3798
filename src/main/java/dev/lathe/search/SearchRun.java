package dev.lathe.search;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.GenerationResult;
import dev.lathe.Request;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.decode.Uniforms;
import dev.lathe.figures.Stopwatch;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A search under way as a strategy sees it: it draws, scores, and keeps the budget. One thread at a time, the search's
 * own, but for {@link #cancel}.
 */
public final class SearchRun {
    private final Engine engine;
    private final Candidate beginning;
    private final Search.Settings settings;
    private final CandidateReader reader;
    private final Uniforms numbers;
    private final Map<Candidate, Double> scores = new IdentityHashMap<>();
    private final Stopwatch.Lap lap = Stopwatch.system().start();
    private final List<Answer> live = new ArrayList<>(); // guarded by itself
    private volatile boolean isCancelled;
    private Optional<Candidate> success = Optional.empty();
    private long tokens;
    private int draws;

    SearchRun(Engine engine, Candidate beginning, Search.Settings settings) {
        this.engine = engine;
        this.beginning = beginning;
        this.settings = settings;
        this.reader = new CandidateReader(
                engine.model().tokenizer(),
                settings.separator(),
                settings.options().stopStrings());
        this.numbers =
                new Uniforms(settings.options().sampler().seed().orElseGet(() -> new SplittableRandom().nextLong()));
    }

    /** How far a draw goes. */
    public enum Extent {
        /** To the end of the answer. */
        ANSWER,
        /** To the end of the next step. */
        STEP,
        /** To the end of the next step, with the most probable tokens. */
        GREEDY_STEP
    }

    /** Nothing yet, after the question. */
    public Candidate beginning() {
        return beginning;
    }

    /** Nothing yet, after another prompt. */
    public Candidate beginning(String prompt) {
        return Candidate.beginning(prompt, engine.model().tokenizer().encodePrompt(prompt));
    }

    /** The first tokens of a candidate, to draw the others anew. */
    public Candidate cut(Candidate candidate, int count) {
        return reader.read(candidate, candidate.tokens().subList(0, count), false);
    }

    /** Whether nothing can be drawn any more: cancelled, successful, or without tokens. */
    public boolean isOver() {
        return isCancelled || success.isPresent() || remaining() == 0;
    }

    /** Tokens that are left of the budget. */
    public long remaining() {
        return settings.budget() - tokens;
    }

    /**
     * Draws continuations of each candidate, all at once. Complete ones are not continued. Where the budget has less
     * than a token for each draw, the last ones are left out; where an answer is a success, those after it are.
     *
     * @param each continuations of each candidate
     * @return those of the first candidate, then of the next
     */
    public List<Candidate> extend(List<Candidate> candidates, int each, Extent extent) {
        List<Draw> begun = new ArrayList<>();
        int count = (int) Math.min((long) candidates.size() * each, Math.max(0, remaining()));
        BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();
        for (int i = 0; i < count && !isOver(); i++) {
            begun.add(draw(candidates.get(i / each), extent, remaining() / count, i, ended));
        }
        int winner = begun.size();
        try {
            for (int left = begun.size(); left > 0; left--) {
                int index = ended.take();
                Draw draw = begun.get(index);
                draw.end();
                if (index < winner && draw.isSuccess()) {
                    winner = index;
                    begun.subList(index + 1, begun.size()).forEach(Draw::cancel);
                }
            }
        } catch (InterruptedException e) {
            throw new CancellationException("the search was interrupted");
        } finally {
            begun.forEach(Draw::cancel);
            tokens += begun.stream().mapToLong(Draw::spent).sum();
            synchronized (live) {
                live.clear();
            }
        }
        if (winner < begun.size()) {
            success = Optional.of(begun.get(winner).candidate);
        }
        return begun.subList(0, Math.min(begun.size(), winner + 1)).stream()
                .map(draw -> draw.candidate)
                .toList();
    }

    private Draw draw(Candidate from, Extent extent, long share, int index, BlockingQueue<Integer> ended) {
        int number = draws++;
        GenerationOptions options = settings.options();
        int room = options.maxTokens() - from.tokens().size();
        int most = (int) Math.min(share, extent == Extent.ANSWER ? room : Math.min(room, settings.stepTokens()));
        if (from.isComplete() || most < 1) {
            ended.add(index);
            return new Draw(number, from);
        }
        Sampler sampler = extent == Extent.GREEDY_STEP
                ? Sampler.greedy()
                : options.sampler().seed(numbers.derived(number).seed());
        List<String> stops = new ArrayList<>(options.stopStrings());
        if (extent != Extent.ANSWER) {
            stops.add(settings.separator());
        }
        Request request = settings.requests()
                .apply(engine.generate(text(from)))
                .options(options.sampler(sampler).stopStrings(stops).maxTokens(most))
                .onToken(token -> settings.listener().token(number, token));
        Draw draw = new Draw(number, from);
        synchronized (live) {
            draw.answer = request.submit();
            live.add(draw.answer);
        }
        draw.answer.future().whenComplete((result, failure) -> ended.add(index));
        if (isCancelled) {
            draw.cancel();
        }
        return draw;
    }

    private static int[] text(Candidate from) {
        int[] text = new int[from.prompt().length + from.tokens().size()];
        System.arraycopy(from.prompt(), 0, text, 0, from.prompt().length);
        for (int i = 0; i < from.tokens().size(); i++) {
            text[from.prompt().length + i] = from.tokens().get(i).id();
        }
        return text;
    }

    /** One continuation in the making. */
    private final class Draw {
        private final int number;
        private final Candidate from;
        private Answer answer; // null if there is nothing to draw
        private Candidate candidate;

        Draw(int number, Candidate from) {
            this.number = number;
            this.from = from;
            this.candidate = from;
        }

        void end() {
            if (answer == null) {
                return;
            }
            GenerationResult result = answer.result();
            List<Token> all = new ArrayList<>(from.tokens());
            all.addAll(result.tokens());
            FinishReason reason = result.finishReason();
            boolean isFull = all.size() >= settings.options().maxTokens()
                    || reason == FinishReason.CONTEXT_FULL
                    || reason == FinishReason.LENGTH_BUDGET
                    || reason == FinishReason.LOOP;
            candidate = reader.read(from, all, isFull);
            settings.listener().drawn(number, candidate);
        }

        boolean isSuccess() {
            return candidate.isComplete()
                    && settings.success().filter(rule -> rule.test(candidate)).isPresent();
        }

        void cancel() {
            if (answer != null) {
                answer.cancel();
            }
        }

        long spent() {
            boolean hasResult =
                    answer != null && answer.hasEnded() && !answer.future().isCompletedExceptionally();
            return hasResult ? answer.result().tokens().size() : 0;
        }
    }

    /**
     * What the scorer says of a candidate; asked once for each.
     *
     * @throws IllegalArgumentException if it says NaN or a negative number
     */
    public double score(Candidate candidate) {
        return scores.computeIfAbsent(candidate, asked -> {
            double score = settings.scorer().score(asked);
            if (!(score >= 0)) {
                throw new IllegalArgumentException(
                        "the scorer said " + score + " of a candidate: expected a number of at least 0");
            }
            return score;
        });
    }

    /**
     * The best of some answers: their scores are added up where their answers are equal, and of the answer with the
     * largest sum the candidate with the highest score is taken; of equal ones the first. Incomplete ones count where
     * no other is there.
     */
    public Optional<Candidate> choose(List<Candidate> candidates) {
        List<Candidate> complete =
                candidates.stream().filter(Candidate::isComplete).toList();
        Map<String, Double> sums = new LinkedHashMap<>();
        List<Candidate> chosen = complete.isEmpty() ? candidates : complete;
        for (Candidate candidate : chosen) {
            sums.merge(settings.answer().apply(candidate.text()), score(candidate), Double::sum);
        }
        String best = null;
        for (Map.Entry<String, Double> sum : sums.entrySet()) {
            best = best == null || sum.getValue() > sums.get(best) ? sum.getKey() : best;
        }
        Candidate winner = null;
        for (Candidate candidate : chosen) {
            if (settings.answer().apply(candidate.text()).equals(best)
                    && (winner == null || score(candidate) > score(winner))) {
                winner = candidate;
            }
        }
        return Optional.ofNullable(winner);
    }

    void cancel() {
        isCancelled = true;
        synchronized (live) {
            live.forEach(Answer::cancel);
        }
    }

    SearchResult result(List<Candidate> candidates) {
        Optional<Candidate> best = success.isPresent() ? success : choose(candidates);
        return new SearchResult(
                best.map(candidate -> candidate.score(score(candidate))),
                candidates.stream()
                        .map(candidate -> candidate.score(score(candidate)))
                        .toList(),
                success.isPresent(),
                new SearchStatistics(tokens, draws, scores.size(), lap.time()));
    }

    static void require(boolean holds, String name, Number got, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + got + ": expected " + expected);
        }
    }
}
