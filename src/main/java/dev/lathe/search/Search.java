package dev.lathe.search;

import dev.lathe.Engine;
import dev.lathe.Request;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.Sampler;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A question to an engine, and how good answers are told from bad ones. Immutable and thread-safe; each method but
 * {@link #run} and {@link #start} returns a changed search, and these two run it, as often as called.
 *
 * <p>The same search on the same model gives the same answer, to the bit, whatever else the engine does, as long as it
 * is not cancelled and the scorer gives the same scores. Draw i draws with numbers of its own, from the sampler's seed
 * and i.
 *
 * <pre>{@code
 * SearchResult found = Search.of(engine, "public static int max(int a, int b) {\n")
 *         .sampler(Sampler.temperature(0.8f).seed(1))
 *         .stop("\n}")
 *         .scorer(Scorer.likelihood())
 *         .budget(2000)
 *         .run(SearchStrategy.beam(16, 4));
 * System.out.println(found.best().orElseThrow().text());
 * }</pre>
 */
public final class Search {
    private final Engine engine;
    private final Candidate beginning;
    private final Settings settings;

    /** What can be chosen. */
    record Settings(
            GenerationOptions options,
            String separator,
            int stepTokens,
            Scorer scorer,
            Function<String, String> answer,
            long budget,
            Optional<Predicate<Candidate>> success,
            SearchListener listener,
            UnaryOperator<Request> requests) {
        private static final Settings DEFAULT = new Settings(
                GenerationOptions.DEFAULT
                        .sampler(Sampler.temperature(0.8f))
                        .maxTokens(512)
                        .logProbabilities(0),
                "\n",
                128,
                Scorer.likelihood(),
                String::strip,
                16_384,
                Optional.empty(),
                SearchListener.NONE,
                UnaryOperator.identity());

        Settings options(GenerationOptions value) {
            Copy copy = new Copy(this);
            copy.options = value;
            return copy.settings();
        }

        /** The components, of which some are then changed. */
        static final class Copy {
            private GenerationOptions options;
            private String separator;
            private int stepTokens;
            private Scorer scorer;
            private Function<String, String> answer;
            private long budget;
            private Optional<Predicate<Candidate>> success;
            private SearchListener listener;
            private UnaryOperator<Request> requests;

            Copy(Settings from) {
                options = from.options;
                separator = from.separator;
                stepTokens = from.stepTokens;
                scorer = from.scorer;
                answer = from.answer;
                budget = from.budget;
                success = from.success;
                listener = from.listener;
                requests = from.requests;
            }

            Settings settings() {
                return new Settings(
                        options, separator, stepTokens, scorer, answer, budget, success, listener, requests);
            }
        }
    }

    private Search(Engine engine, Candidate beginning, Settings settings) {
        this.engine = engine;
        this.beginning = beginning;
        this.settings = settings;
    }

    /**
     * A search for a continuation of a text: at temperature 0.8, answers of at most 512 tokens in lines of at most 128,
     * scored by likelihood, of at most 16,384 tokens in all, unless chosen otherwise.
     */
    public static Search of(Engine engine, String prompt) {
        int[] tokens = engine.model().tokenizer().encodePrompt(Objects.requireNonNull(prompt, "prompt"));
        return new Search(engine, Candidate.beginning(prompt, tokens), Settings.DEFAULT);
    }

    /** A search for a continuation of these tokens exactly as given. */
    public static Search of(Engine engine, int... prompt) {
        String text = engine.model().tokenizer().decode(prompt);
        return new Search(engine, Candidate.beginning(text, prompt.clone()), Settings.DEFAULT);
    }

    private Search with(Settings changed) {
        return new Search(engine, beginning, changed);
    }

    private Search options(GenerationOptions changed) {
        return with(settings.options(changed));
    }

    /**
     * What is sampled.
     *
     * @throws IllegalArgumentException if it is greedy, whose draws would all be the same
     */
    public Search sampler(Sampler sampler) {
        if (sampler.isGreedy()) {
            throw new IllegalArgumentException("draws of a greedy sampler are all the same: choose a temperature");
        }
        return options(settings.options.sampler(sampler));
    }

    /** How the tokens are computed. */
    public Search decoding(Decoding decoding) {
        return options(settings.options.decoding(decoding));
    }

    /** The most tokens of an answer. */
    public Search maxTokens(int tokens) {
        return options(settings.options.maxTokens(tokens));
    }

    /** Texts that end an answer and are not part of it; in place of any given before. */
    public Search stop(String... stopStrings) {
        return options(settings.options.stopStrings(List.of(stopStrings)));
    }

    /**
     * What separates the steps of an answer, such as an empty line.
     *
     * @param mostTokens of a step
     */
    public Search step(String separator, int mostTokens) {
        SearchRun.require(mostTokens >= 1, "tokens of a step", mostTokens, "at least 1");
        if (separator.isEmpty()) {
            throw new IllegalArgumentException("the separator of steps is empty: expected a text such as a line break");
        }
        Settings.Copy copy = new Settings.Copy(settings);
        copy.separator = separator;
        copy.stepTokens = mostTokens;
        return with(copy.settings());
    }

    /** What tells good answers, and beginnings of them, from bad ones. */
    public Search scorer(Scorer scorer) {
        Settings.Copy copy = new Settings.Copy(settings);
        copy.scorer = Objects.requireNonNull(scorer, "scorer");
        return with(copy.settings());
    }

    /**
     * Reads the answer proper from a text, such as a number after its reasons: the scores of texts with equal answers
     * are added up. The text without white space around it, unless given.
     */
    public Search answer(Function<String, String> reader) {
        Settings.Copy copy = new Settings.Copy(settings);
        copy.answer = Objects.requireNonNull(reader, "answer reader");
        return with(copy.settings());
    }

    /**
     * The most tokens to generate in all; never exceeded. Draws that go on at once have equal shares of what is left.
     */
    public Search budget(long tokens) {
        SearchRun.require(tokens >= 1, "budget", tokens, "at least 1 token");
        Settings.Copy copy = new Settings.Copy(settings);
        copy.budget = tokens;
        return with(copy.settings());
    }

    /**
     * Ends the search at the first complete answer that this holds for: the first by its number, so that the result
     * does not depend on time; those after it are cancelled at once.
     */
    public Search success(Predicate<String> holds) {
        Predicate<Candidate> success = candidate -> holds.test(candidate.text());
        Settings.Copy copy = new Settings.Copy(settings);
        copy.success = Optional.of(success);
        return with(copy.settings());
    }

    /** Told what happens. */
    public Search listener(SearchListener listener) {
        Settings.Copy copy = new Settings.Copy(settings);
        copy.listener = Objects.requireNonNull(listener, "listener");
        return with(copy.settings());
    }

    /** Changes each request before it is submitted: its priority, deadline, tenant or guard. */
    public Search requests(UnaryOperator<Request> change) {
        Settings.Copy copy = new Settings.Copy(settings);
        copy.requests = Objects.requireNonNull(change, "change");
        return with(copy.settings());
    }

    /** Starts it on a thread of its own. */
    public RunningSearch start(SearchStrategy strategy) {
        return RunningSearch.start(new SearchRun(engine, beginning, settings), strategy);
    }

    /**
     * Runs it to its end; throws what {@link RunningSearch#result} throws.
     */
    public SearchResult run(SearchStrategy strategy) {
        return start(strategy).result();
    }
}
