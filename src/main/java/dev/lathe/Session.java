package dev.lathe;

import dev.lathe.chat.ChatOptions;
import dev.lathe.decode.EvaluatedText;
import dev.lathe.decode.GenerationLoop;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.decode.SampleBatch;
import dev.lathe.model.InferenceState;
import dev.lathe.plan.Replier;
import dev.lathe.route.PromptSignals;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.text.ChatMessage;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * One text in progress: its tokens, and the model's keys and values of them.
 *
 * <p>A prompt that begins like the text held evaluates only what differs, so a conversation costs its new part alone.
 *
 * <p>One thread at a time, not always the same; a call from a second one while a first is under way, or of anything
 * else while a stream is open, throws {@code IllegalStateException}. Owns its memory until closed.
 */
public final class Session implements AutoCloseable {
    private final Model model;
    private final EvaluatedText text;
    private final LongSupplier nanoTime;
    private final Usage usage = new Usage("session");
    private ChatPrompt chatPrompt;
    private TokenStream stream;
    private boolean closed;

    Session(Model model, SessionOptions options, LongSupplier nanoTime) {
        int capacity = options.contextLength() == 0 ? model.contextLength() : options.contextLength();
        InferenceState state = model.languageModel().newState(capacity, options.cacheType());
        this.model = model;
        this.text = new EvaluatedText(state, options.promptBatchSize(), options.cacheType(), model.prefixes());
        this.nanoTime = nanoTime;
    }

    /**
     * Continues a text. Control tokens' names in it, such as {@code <|im_end|>}, are text as any other; the tokens that
     * the model wants at the beginning are added. Evaluates nothing yet.
     */
    public Generation generate(String prompt) {
        int[] tokens = model.tokenizer().encodePrompt(Objects.requireNonNull(prompt, "prompt"));
        return generate(tokens);
    }

    /** Continues these tokens exactly as given. Evaluates nothing yet. */
    public Generation generate(int... prompt) {
        int[] tokens = Objects.requireNonNull(prompt, "prompt").clone();
        return generate(Prompt.of(tokens));
    }

    /**
     * Writes what stands between a beginning and an end, such as code at a cursor. Control tokens' names in both are
     * text as any other. Evaluates nothing yet.
     *
     * @throws UnsupportedOperationException if the model's file has no tokens that ask for a middle
     */
    public Generation fillInMiddle(String before, String after) {
        return generate(Prompt.of(model.fillInMiddlePrompt(before, after)));
    }

    /**
     * Answers a conversation, laid out by the model's own template. Control tokens' names in what anybody says are
     * text as any other. Evaluates nothing yet.
     *
     * @throws IllegalStateException if the model's file has no chat template
     * @throws dev.lathe.text.template.TemplateException if the template refuses the conversation
     */
    public Generation chat(List<ChatMessage> messages) {
        return chat(messages, ChatOptions.DEFAULT);
    }

    /**
     * Answers a conversation with tools, with or without thinking. The result's {@link GenerationResult#reply} and the
     * stream's {@link TokenStream#pieces} tell what is said, thought and called. A call is constrained to a tool's name
     * and schema; how the model writes calls is found in its template. Evaluates nothing yet.
     *
     * @throws IllegalStateException if the model's file has no chat template
     * @throws dev.lathe.text.template.TemplateException if the template refuses the conversation
     * @throws IllegalArgumentException if the options contradict each other
     * @throws UnsupportedOperationException if the template's way to write calls is not understood, or it cannot switch
     *     thinking
     */
    public Generation chat(List<ChatMessage> messages, ChatOptions options) {
        return generate(
                chatPrompt(Objects.requireNonNull(messages, "messages"), Objects.requireNonNull(options, "options")));
    }

    private Generation generate(Prompt prompt) {
        return new Generation(this, () -> prompt, GenerationOptions.DEFAULT, result -> {});
    }

    /**
     * A conversation that remembers what was said, in this session.
     *
     * @param opening messages it begins with, such as one from the system
     * @throws IllegalStateException if the model's file has no chat template
     */
    public Chat newChat(ChatMessage... opening) {
        return newChat(ChatOptions.DEFAULT, opening);
    }

    /** As {@link #newChat(ChatMessage...)}, answered with these options. */
    public Chat newChat(ChatOptions options, ChatMessage... opening) {
        try (var _ = enterIdle()) {
            Objects.requireNonNull(opening, "opening");
            prepareChat();
            return new Chat(this, Objects.requireNonNull(options, "options"), List.of(opening));
        }
    }

    /**
     * This session as one who answers for a {@link dev.lathe.plan.Planner} or an actor. A session may be several of them:
     * they take turns.
     *
     * <pre>{@code
     * Replier model = session.replier(generation -> generation.maxTokens(300));
     * Planner planner = Planner.of(model, Actor.of("clock", "Tells the time anywhere.", model, timeIn));
     * PlanResult result = planner.request("What time is it in Paris?").run();
     * }</pre>
     *
     * @param how each answer is generated
     */
    public Replier replier(UnaryOperator<Generation> how) {
        return new SessionReplier(this, Objects.requireNonNull(how, "how"));
    }

    /**
     * The model's logits after each of these tokens, for measures and experiments. Makes them the text held.
     *
     * @return logits [tokens x vocabulary], the caller's own
     * @throws dev.lathe.model.ContextFullException if they do not fit
     * @throws IllegalArgumentException if there are none, one is outside of the vocabulary, or their logits are more
     *     than an array holds
     * @throws dev.lathe.tensor.store.InsufficientMemoryException if the heap has no room for all logits; nothing is
     *     changed
     */
    public FloatMatrix logits(int... tokens) {
        try (var _ = enterIdle()) {
            model.checkTokens(Objects.requireNonNull(tokens, "tokens"));
            return text.allLogits(model.vocabularySize(), tokens);
        }
    }

    /**
     * How certain the model is of a prompt, to choose which model shall answer it. Makes the prompt the text held, so
     * that generating from it here costs no second evaluation.
     *
     * @throws dev.lathe.model.ContextFullException if it does not fit
     * @throws IllegalArgumentException if it has no tokens
     */
    public PromptSignals signals(String prompt) {
        int[] tokens = model.tokenizer().encodePrompt(Objects.requireNonNull(prompt, "prompt"));
        try (var _ = enterIdle()) {
            EvaluatedText.checkFits(tokens, text.state().capacity());
            PromptSignals.Reader reader = new PromptSignals.Reader(tokens);
            text.readLogits(model.vocabularySize(), reader::read, tokens);
            return reader.signals();
        }
    }

    /** The tokens of the text held: prompts, and what was generated. */
    public int[] tokens() {
        try (var _ = enterIdle()) {
            return text.tokens();
        }
    }

    /** The most tokens this session can hold. */
    public int contextLength() {
        return text.state().capacity();
    }

    /** An immutable copy of the text held with its keys and values, which outlives this session. */
    public Snapshot snapshot() {
        try (var _ = enterIdle()) {
            return new Snapshot(text.state().snapshot(), text.tokens());
        }
    }

    /**
     * Holds what a snapshot held.
     *
     * @throws IllegalArgumentException if it comes from another model or does not fit
     */
    public void restore(Snapshot snapshot) {
        try (var _ = enterIdle()) {
            Objects.requireNonNull(snapshot, "snapshot");
            text.restore(snapshot.state, snapshot.tokens);
        }
    }

    /**
     * Writes the text held, with its keys and values, so that a session of any process goes on with it: the next
     * tokens are the same to the bit. Replaces a file in one step; after a failure it is as it was.
     *
     * @throws IOException if the file cannot be written
     */
    public void save(Path file) throws IOException {
        try (var _ = enterIdle()) {
            SessionFile.write(Objects.requireNonNull(file, "file"), text);
        }
    }

    /**
     * Holds the text that {@link #save} wrote. The last token is evaluated once more: with another model than the one
     * that evaluated the text, its logits would differ.
     *
     * @throws IOException if the file cannot be read or is damaged; nothing is changed
     * @throws IllegalArgumentException if it comes from another model or type of cache, or does not fit; nothing is
     *     changed
     */
    public void load(Path file) throws IOException {
        try (var _ = enterIdle()) {
            SessionFile.read(
                    Objects.requireNonNull(file, "file"),
                    text,
                    model.languageModel().vocabularySize());
        }
    }

    /**
     * Holds the prompt that another session, of this process or another one, is sending by {@link
     * Generation#exportPrompt}: its next tokens are those of the other one, to the bit. Reads until it is complete. The
     * last token is evaluated once more: with another model its logits would differ.
     *
     * @param source read as far as the other session wrote; stays the caller's
     * @throws java.io.StreamCorruptedException if it ends early, is damaged, or is something else; nothing is changed
     * @throws IOException if it cannot be read; nothing is changed
     * @throws IllegalArgumentException if it comes from another model or type of cache; nothing is changed
     * @throws dev.lathe.model.ContextFullException if it does not fit; nothing is changed
     */
    public void importPrompt(ReadableByteChannel source) throws IOException {
        try (var _ = enterIdle()) {
            PromptStream.receive(
                    Objects.requireNonNull(source, "source"),
                    text,
                    model.languageModel().vocabularySize());
        }
    }

    PromptExport exportPrompt(int[] prompt, WritableByteChannel target) throws IOException {
        try (var _ = enterIdle()) {
            model.checkTokens(prompt);
            return PromptStream.send(text, prompt, Objects.requireNonNull(target, "target"));
        }
    }

    /** Forgets the text. */
    public void reset() {
        try (var _ = enterIdle()) {
            text.truncate(0);
        }
    }

    /** The model it runs on. */
    public Model model() {
        return model;
    }

    /** Cancels an open stream and frees the memory; later calls throw {@code IllegalStateException}. */
    @Override
    public void close() {
        if (stream != null) {
            stream.close();
        }
        try (var _ = usage.enter()) {
            if (!closed) {
                closed = true;
                text.close();
            }
        }
    }

    Prompt chatPrompt(List<ChatMessage> messages, ChatOptions options) {
        try (var _ = enterIdle()) {
            return prepareChat().prompt(messages, options, text.tokens());
        }
    }

    TokenStream open(Prompt prompt, GenerationOptions options, Consumer<GenerationResult> onEnd) {
        try (var _ = enterIdle()) {
            model.checkTokens(prompt.tokens());
            SessionText detokenizer = new SessionText(model, prompt.tokens());
            GenerationLoop loop =
                    new GenerationLoop(model.languageModel(), text, prompt.tokens(), options, detokenizer, nanoTime);
            stream = new TokenStream(prompt, loop, usage, onEnd);
            return stream;
        }
    }

    /** Runs generations that differ in their samplers' seeds, as many side by side as fit. */
    List<GenerationResult> sample(Prompt prompt, List<GenerationOptions> samples, SampleListener listener) {
        int most = SampleBatch.most(samples.getFirst());
        List<GenerationResult> results = new ArrayList<>();
        ToldSamples told = new ToldSamples(prompt, listener);
        for (int from = 0; from < samples.size() && told.goesOn(); from += most) {
            List<GenerationOptions> some = samples.subList(from, Math.min(samples.size(), from + most));
            told.begin(from);
            if (some.size() == 1) {
                results.add(told.read(open(prompt, some.getFirst(), result -> {})));
            } else {
                results.addAll(sampleTogether(prompt, some, told));
            }
        }
        return results;
    }

    private List<GenerationResult> sampleTogether(Prompt prompt, List<GenerationOptions> samples, ToldSamples told) {
        try (var _ = enterIdle()) {
            model.checkTokens(prompt.tokens());
            SampleBatch batch = new SampleBatch(model.languageModel(), text, prompt.tokens(), nanoTime);
            return batch.run(samples, () -> new SessionText(model, prompt.tokens()), told).stream()
                    .map(told::result)
                    .toList();
        }
    }

    private ChatPrompt prepareChat() {
        if (chatPrompt == null) {
            chatPrompt = ChatPrompt.of(model);
        }
        return chatPrompt;
    }

    private Usage.Lease enterIdle() {
        Usage.Lease lease = usage.enter();
        String problem = closed
                ? "this session is closed"
                : stream != null && !stream.hasEnded()
                        ? "a stream of this session is still open: read it to its end or close it first"
                        : null;
        if (problem != null) {
            lease.close();
            throw new IllegalStateException(problem);
        }
        return lease;
    }

    /** A saved text with its keys and values. Immutable and thread-safe. */
    public static final class Snapshot {
        private final InferenceState.Snapshot state;
        private final int[] tokens;

        private Snapshot(InferenceState.Snapshot state, int[] tokens) {
            this.state = state;
            this.tokens = tokens;
        }

        /** The tokens of the text; a copy. */
        public int[] tokens() {
            return tokens.clone();
        }

        /** Size in memory. */
        public long byteCount() {
            return state.byteCount() + 4L * tokens.length;
        }
    }
}
