package dev.lathe.decode;

import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Several autoregressive generations of one prompt side by side: the prompt is evaluated once, each generation goes on
 * in a fork of the prompt's state, and each pass evaluates the next token of all of them. A row gets the same bits in
 * any pass, so each generation is what it would be alone.
 *
 * <p>One thread at a time.
 */
public final class SampleBatch {
    private static final int MOST_SAMPLES = 32;

    private final LanguageModel model;
    private final EvaluatedText text;
    private final InferenceState state;
    private final int[] prompt;
    private final LongSupplier nanoTime;
    private final List<Sample> live = new ArrayList<>();
    private FloatMatrix promptLogits; // [1 x vocabulary]; null until the prompt is evaluated
    private FloatMatrix logits; // [samples in the last pass x vocabulary]

    /**
     * Evaluates nothing yet.
     *
     * @param text the text held so far; what it shares with the prompt is reused
     * @param prompt tokens to continue; cloned
     * @param nanoTime a clock such as {@link System#nanoTime}
     */
    public SampleBatch(LanguageModel model, EvaluatedText text, int[] prompt, LongSupplier nanoTime) {
        this.model = model;
        this.text = text;
        this.state = text.state();
        this.prompt = prompt.clone();
        this.nanoTime = nanoTime;
    }

    /** A generation that has ended. */
    public record Generated(List<Token> tokens, FinishReason finishReason, GenerationStatistics statistics) {}

    /** Told about samples, by their numbers from 0; says whether they go on. */
    public interface Listener {
        /** A token of a sample; false ends the sample. */
        boolean token(int sample, Token token);

        /** A sample has ended; false ends all others. */
        boolean ended(int sample, Generated generated);
    }

    /**
     * How many samples can run side by side: 32, but one alone if the decoding is not autoregressive, or energy is
     * limited, which would be that of all of them.
     */
    public static int most(GenerationOptions options) {
        return options.decoding() == Decoding.autoregressive()
                        && options.energyLimit().isEmpty()
                ? MOST_SAMPLES
                : 1;
    }

    /**
     * Runs generations to their ends. Afterwards the text is the prompt, or what was evaluated of it. The time of a
     * pass counts for each sample by its share.
     *
     * @param samples the options of each: autoregressive ones
     * @param detokenizers gives each generation its own
     * @param listener told on this thread
     * @throws IllegalArgumentException if options cannot be combined, or not with this model, or the prompt is empty
     * @throws dev.lathe.model.ContextFullException if the prompt does not fit into the state
     */
    public List<Generated> run(List<GenerationOptions> samples, Supplier<Detokenizer> detokenizers, Listener listener) {
        List<Sample> all = new ArrayList<>();
        try {
            text.reuse(prompt);
            for (GenerationOptions options : samples) {
                Sample sample = new Sample(all.size(), options, detokenizers.get());
                all.add(sample);
                try {
                    sample.advance(listener); // evaluates the prompt, or takes its logits
                } finally {
                    text.hold(Arrays.copyOf(sample.text.tokens(), Math.min(prompt.length, sample.text.length())));
                }
            }
            text.remember();
            live.addAll(all);
            retire(listener);
            live.forEach(Sample::beginFork);
            while (!live.isEmpty()) {
                pass();
                live.forEach(sample -> sample.advance(listener));
                retire(listener);
            }
        } finally {
            all.forEach(Sample::close);
        }
        return all.stream().map(Sample::generated).toList();
    }

    /** Tells who has ended; where nobody else is wanted, the others end too. */
    private void retire(Listener listener) {
        boolean goesOn = true;
        for (Sample sample : live) {
            if (sample.hasEnded() && goesOn) {
                goesOn = listener.ended(sample.number, sample.generated());
            }
        }
        if (!goesOn) {
            live.forEach(sample -> sample.loop.close());
        }
        live.removeIf(Sample::hasEnded);
    }

    /** Evaluates the last token of every live sample. */
    private void pass() {
        long begin = nanoTime.getAsLong();
        logits = model.forward(
                live.stream().map(sample -> sample.own).toList(),
                live.stream()
                        .map(sample -> TokenBatch.lastLogits(sample.pendingToken()))
                        .toList());
        long share = (nanoTime.getAsLong() - begin) / live.size();
        for (int row = 0; row < live.size(); row++) {
            live.get(row).evaluated(row, share);
        }
    }

    /**
     * One generation, and its state as the loop around it sees it: the prompt's state until the prompt is evaluated,
     * then a fork of it, whose next token was evaluated with those of the others before the loop asks for it.
     */
    private final class Sample implements InferenceState {
        private final int number;
        private final List<Token> tokens = new ArrayList<>();
        private final EvaluatedText text;
        private final GenerationLoop loop;
        private InferenceState own; // null until the prompt is evaluated
        private int length = state.length(); // of the prompt's state as it looks to this sample
        private int logitsRow;
        private long shareNanos; // of the pass that the next token comes from
        private long ownNanos;
        private long turnBegin;

        Sample(int number, GenerationOptions options, Detokenizer detokenizer) {
            this.number = number;
            text = SampleBatch.this.text.copy(this);
            loop = new GenerationLoop(model, text, prompt, options, detokenizer, this::ownTime);
        }

        /** Time that was spent for this sample. */
        private long ownTime() {
            return ownNanos + nanoTime.getAsLong() - turnBegin;
        }

        void advance(Listener listener) {
            turnBegin = nanoTime.getAsLong();
            Optional<Token> token = loop.next();
            token.ifPresent(tokens::add);
            if (token.isPresent() && !listener.token(number, token.get())) {
                loop.close();
            }
            ownNanos = ownTime();
        }

        void beginFork() {
            own = state.fork();
        }

        boolean hasEnded() {
            return loop.hasEnded();
        }

        int pendingToken() {
            return text.token(text.length() - 1);
        }

        void evaluated(int logitsRow, long shareNanos) {
            this.logitsRow = logitsRow;
            this.shareNanos = shareNanos;
        }

        Generated generated() {
            return new Generated(tokens, loop.finishReason().orElseThrow(), loop.statistics());
        }

        /** Of the prompt what no sample evaluated before; of a sample's own tokens what the last pass gave. */
        @Override
        public FloatMatrix forward(TokenBatch batch) {
            return forward(batch, () -> false);
        }

        @Override
        public FloatMatrix forward(TokenBatch batch, BooleanSupplier stop) {
            if (own != null) {
                ownNanos += shareNanos;
                return new FloatMatrix(logits.row(logitsRow), 1, logits.columns());
            }
            if (length == state.length()) {
                FloatMatrix last = state.forward(batch, stop);
                boolean complete = state.length() == prompt.length;
                promptLogits = complete ? new FloatMatrix(last.row(0), 1, last.columns()) : null;
            }
            length += batch.size();
            return promptLogits;
        }

        @Override
        public int capacity() {
            return state.capacity();
        }

        @Override
        public int length() {
            return own == null ? length : own.length();
        }

        @Override
        public void rewind(int newLength) {
            if (own != null) {
                own.rewind(newLength);
                return;
            }
            length = newLength;
            if (promptLogits == null && state.length() > newLength) {
                state.rewind(newLength);
            }
        }

        @Override
        public void keep(int... rows) {
            throw new UnsupportedOperationException("samples side by side are autoregressive");
        }

        @Override
        public Snapshot snapshot() {
            throw new UnsupportedOperationException("samples side by side have no state of their own");
        }

        @Override
        public InferenceState fork() {
            throw new UnsupportedOperationException("samples side by side have no state of their own");
        }

        @Override
        public void restore(Snapshot snapshot) {
            throw new UnsupportedOperationException("samples side by side have no state of their own");
        }

        @Override
        public void close() {
            loop.close();
            if (own != null) {
                own.close();
                own = null;
            }
        }
    }
}
