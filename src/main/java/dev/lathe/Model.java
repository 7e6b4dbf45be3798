package dev.lathe;

import dev.lathe.chat.ChatFormat;
import dev.lathe.compress.CompressionProgress;
import dev.lathe.compress.Recipe;
import dev.lathe.decode.Draft;
import dev.lathe.decode.PrefixStatistics;
import dev.lathe.decode.PrefixTree;
import dev.lathe.decode.constraint.TokenVocabulary;
import dev.lathe.figures.Stopwatch;
import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.gguf.TensorSource;
import dev.lathe.huggingface.ModelFolder;
import dev.lathe.model.CacheType;
import dev.lathe.model.EmbeddingModel;
import dev.lathe.model.ExpertUse;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.PageStatistics;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.packed.PackedFolder;
import dev.lathe.retrieval.NeighborOptions;
import dev.lathe.retrieval.NextTokenOptions;
import dev.lathe.retrieval.NextTokenStore;
import dev.lathe.retrieval.Passages;
import dev.lathe.serve.EngineOptions;
import dev.lathe.serve.SharedModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.KernelSet;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.store.WeightStreaming;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.FillInMiddle;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * A language model with its tokenizer, ready to generate. Immutable and thread-safe: any number of sessions may run at
 * the same time and share its weights and threads. Owns both until closed.
 *
 * <pre>{@code
 * try (Model model = Model.load(Path.of("model.gguf"));
 *         Session session = model.newSession()) {
 *     session.generate("public static int max(")
 *             .maxTokens(64)
 *             .stream()
 *             .forEach(token -> System.out.print(token.text()));
 * }
 * }</pre>
 */
public final class Model implements LanguageModel, AutoCloseable {
    private final LanguageModel languageModel;
    private final Tokenizer tokenizer;
    private final Metadata metadata;
    private final Workers workers;
    private final Optional<Path> file;
    private final LoadReport loadReport;
    private final Supplier<Optional<WeightStreaming>> streaming;
    private final Supplier<Optional<ExpertUse>> expertUse;
    private final PrefixTree prefixes;
    private final Runnable release;
    private volatile ChatFormat chatFormat; // as the template
    private volatile ChatTemplate chatTemplate; // parsed when first asked for
    private volatile TokenVocabulary tokenVocabulary; // made when a constraint first asks for it

    /** A model of given parts, of a file or not; {@code release} frees what it owns. */
    Model(
            LanguageModel languageModel,
            Tokenizer tokenizer,
            Metadata metadata,
            Workers workers,
            Optional<Path> file,
            LoadReport loadReport,
            Supplier<Optional<WeightStreaming>> streaming,
            Supplier<Optional<ExpertUse>> expertUse,
            PrefixTree prefixes,
            Runnable release) {
        this.languageModel = languageModel;
        this.tokenizer = tokenizer;
        this.metadata = metadata;
        this.workers = workers;
        this.file = file;
        this.loadReport = loadReport;
        this.streaming = streaming;
        this.expertUse = expertUse;
        this.prefixes = prefixes;
        this.release = release;
    }

    /**
     * Loads a GGUF file, the first of a split one, or a folder as Hugging Face serves it, with as many threads as physical
     * cores.
     *
     * @throws IOException if the file cannot be read, or is shortened meanwhile
     * @throws java.io.InterruptedIOException if the calling thread is interrupted; it stays so
     * @throws dev.lathe.gguf.GgufException if it is broken or holds no model that can be run
     * @throws dev.lathe.tensor.store.InsufficientMemoryException if the machine or the heap has not enough memory for it
     * @throws IllegalArgumentException if its tokenizer is not supported
     */
    public static Model load(Path file) throws IOException {
        return load(file, LoadOptions.DEFAULT);
    }

    /**
     * Loads a GGUF file, the first of a split one, or a folder as Hugging Face serves it.
     *
     * @throws IOException if the file cannot be read, or is shortened meanwhile
     * @throws java.io.InterruptedIOException if the calling thread is interrupted; it stays so
     * @throws dev.lathe.gguf.GgufException if it is broken or holds no model that can be run
     * @throws dev.lathe.tensor.store.InsufficientMemoryException if the machine or the heap has not enough memory for it
     * @throws IllegalArgumentException if its tokenizer is not supported
     */
    public static Model load(Path file, LoadOptions options) throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(options, "options");
        ModelLoadEvent event = new ModelLoadEvent();
        event.begin();
        Stopwatch.Lap lap = Stopwatch.system().start();
        long startMillis = System.currentTimeMillis();
        Meanwhile.start(
                "lathe-kernels", KernelSet::best); // linking their calls takes long; who needs them hears of failures
        try (OpenTensorSource source = open(file)) {
            PackedFolder.Source files = new PackedFolder.Source(source, source.files(), startMillis);
            return load(files, Optional.of(file), options, lap, event);
        }
    }

    /**
     * Opens a GGUF file, the first of a split one, or a folder as Hugging Face serves it, as what is loaded and transformed;
     * the caller closes it.
     *
     * @throws IOException if a file cannot be read
     * @throws dev.lathe.gguf.GgufException if a file is broken
     * @throws dev.lathe.huggingface.ModelFolderException if the folder holds no model that can be read
     */
    public static OpenTensorSource open(Path file) throws IOException {
        return Files.isDirectory(file) ? ModelFolder.open(file) : GgufFile.open(file);
    }

    /**
     * Loads a model from an open file or from a model in the making; the source is not needed afterwards.
     *
     * @throws IOException if the source cannot be read
     * @throws java.io.InterruptedIOException if the calling thread is interrupted; it stays so
     * @throws dev.lathe.gguf.GgufException if it holds no model that can be run
     * @throws dev.lathe.tensor.store.InsufficientMemoryException if the machine or the heap has not enough memory for it
     * @throws IllegalArgumentException if its tokenizer is not supported
     */
    public static Model load(TensorSource source, LoadOptions options) throws IOException {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(options, "options");
        ModelLoadEvent event = new ModelLoadEvent();
        event.begin();
        PackedFolder.Source files = new PackedFolder.Source(source, List.of(), 0);
        return load(files, Optional.empty(), options, Stopwatch.system().start(), event);
    }

    private static Model load(
            PackedFolder.Source files,
            Optional<Path> file,
            LoadOptions options,
            Stopwatch.Lap lap,
            ModelLoadEvent event)
            throws IOException {
        Model model = Failures.loading(files.tensors(), () -> loadParts(files, file, options, lap));
        event.report(file, model);
        return model;
    }

    private static Model loadParts(
            PackedFolder.Source files, Optional<Path> file, LoadOptions options, Stopwatch.Lap lap) throws IOException {
        TensorSource source = files.tensors();
        long opened = lap.nanos();
        Meanwhile<Tokenizer> made = Meanwhile.start("lathe-tokenizer", () -> tokenizer(source));
        Team team = Team.of(options);
        Workers workers = team.workers();
        try {
            DecoderModel loaded = decoder(files, options, workers, made);
            try {
                long packed = lap.nanos();
                Tokenizer tokenizer = made.await();
                DecoderModel decoder = options.pageMemory().isEmpty()
                        ? loaded.with(options.arithmetic(), options.experts())
                        : loaded.with(
                                options.arithmetic(),
                                options.experts(),
                                options.pageMemory().get());
                LoadReport report = LoadReport.ofNanos(
                        opened, made.nanos(), packed - opened, lap.nanos(), loaded.weightBytes(), loaded.packedFile());
                PrefixTree prefixes = new PrefixTree(options.prefixMemory());
                return new Model(
                        decoder,
                        tokenizer,
                        source.metadata(),
                        workers,
                        file,
                        report,
                        loaded::weightStreaming,
                        decoder::expertUse,
                        prefixes,
                        () -> {
                            prefixes.clear();
                            decoder.close();
                            loaded.close();
                            team.close();
                        });
            } catch (RuntimeException | Error failure) {
                loaded.close();
                throw failure;
            }
        } catch (IOException | RuntimeException | Error failure) {
            team.close();
            throw failure;
        }
    }

    /** The weights; where the tokenizer cannot be made either, it is the tokenizer that is told of. */
    private static DecoderModel decoder(
            PackedFolder.Source files, LoadOptions options, Workers workers, Meanwhile<Tokenizer> tokenizer)
            throws IOException {
        TensorSource source = files.tensors();
        try {
            return options.packed().isEmpty()
                    ? DecoderModel.load(source, workers)
                    : new PackedFolder(options.packed().get(), options.expertCache())
                            .load(
                                    files,
                                    workers,
                                    store -> DecoderModel.pack(source, store, workers),
                                    store -> DecoderModel.load(source, store, workers),
                                    options.weightMemory(),
                                    store -> DecoderModel.load(source, store, workers)
                                            .computeNanosPerByte());
        } catch (IOException | RuntimeException | Error failure) {
            tokenizer.await();
            throw failure;
        }
    }

    /** The tokenizer with a token for each row of the embedding: some files have rows that stand for nothing. */
    private static Tokenizer tokenizer(TensorSource source) {
        int rows = DecoderModel.vocabularySize(source).orElse(0);
        Tokenizer tokenizer = source instanceof ModelFolder folder
                ? folder.tokenizer(json -> Tokenizer.from(json, rows))
                : Tokenizer.from(source.metadata(), rows);
        if (rows > 0 && rows < tokenizer.vocabularySize()) {
            throw new GgufException(
                    "the embedding has " + rows + " rows, but the vocabulary has " + tokenizer.vocabularySize()
                            + " tokens: expected a row for each token",
                    -1);
        }
        return tokenizer;
    }

    /**
     * Makes a smaller model of a file, or of a folder; the caller closes it.
     *
     * @throws IOException if the file or a calibration text cannot be read
     * @throws dev.lathe.gguf.GgufException if the file is broken, or holds no model that can be run
     * @throws IllegalArgumentException if a step of the recipe does not suit the model
     */
    public static CompressedModel compress(Path file, Recipe recipe) throws IOException {
        return compress(file, recipe, LoadOptions.DEFAULT, CompressionProgress.NONE);
    }

    /**
     * Makes a smaller model of a file, or of a folder, step by step; the caller closes it.
     *
     * @param options the threads that compute, here and in the models loaded from the result
     * @param progress told what is done
     * @throws IOException if the file or a calibration text cannot be read
     * @throws dev.lathe.gguf.GgufException if the file is broken, or holds no model that can be run
     * @throws IllegalArgumentException if a step of the recipe does not suit the model
     * @throws java.util.concurrent.CancellationException if the calling thread was interrupted meanwhile
     */
    public static CompressedModel compress(Path file, Recipe recipe, LoadOptions options, CompressionProgress progress)
            throws IOException {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(recipe, "recipe");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(progress, "progress");
        OpenTensorSource source = Failures.cancelling(() -> open(file));
        try {
            return compress(source, recipe, options, progress, source::close);
        } catch (IOException | RuntimeException | Error failure) {
            source.close();
            throw failure;
        }
    }

    /**
     * Makes a smaller model of an open file or of a model in the making, step by step.
     *
     * @param source stays the caller's, unchanged and open as long as the result is used
     * @param options the threads that compute, here and in the models loaded from the result
     * @param progress told what is done
     * @throws IOException if the source or a calibration text cannot be read
     * @throws dev.lathe.gguf.GgufException if the source holds no model that can be run
     * @throws IllegalArgumentException if a step of the recipe does not suit the model
     * @throws java.util.concurrent.CancellationException if the calling thread was interrupted meanwhile
     */
    public static CompressedModel compress(
            TensorSource source, Recipe recipe, LoadOptions options, CompressionProgress progress) throws IOException {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(recipe, "recipe");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(progress, "progress");
        return compress(source, recipe, options, progress, () -> {});
    }

    private static CompressedModel compress(
            TensorSource source, Recipe recipe, LoadOptions options, CompressionProgress progress, Runnable release)
            throws IOException {
        try (Team team = Team.of(options)) {
            Recipe.Compressed compressed = Failures.compressing(
                    source,
                    () -> recipe.apply(
                            source,
                            team.workers(),
                            progress,
                            () -> Thread.currentThread().isInterrupted()));
            return new CompressedModel(compressed, options, release);
        }
    }

    /**
     * Shapes this model into a draft for itself: a smaller model of the same file and the same tokenizer, which
     * computes on this model's threads; the caller closes it before this one. No recipe makes a text wrong, see {@link
     * Draft}; one pays where the smaller model is much faster and still mostly right.
     *
     * <pre>{@code
     * try (Model model = Model.load(file);
     *         ShapedDraft draft = model.draft(Recipe.of(Prune.layers(4), Quantize.to(TensorType.Q4_0)));
     *         Session session = model.newSession()) {
     *     session.generate(prompt).decoding(Decoding.speculative(draft)).run();
     * }
     * }</pre>
     *
     * @throws IOException if the file or a calibration text cannot be read
     * @throws IllegalArgumentException if a step of the recipe does not suit the model
     * @throws IllegalStateException if this model was not loaded from a file
     * @throws java.util.concurrent.CancellationException if the calling thread was interrupted meanwhile
     */
    public ShapedDraft draft(Recipe recipe) throws IOException {
        Objects.requireNonNull(recipe, "recipe");
        Path source = file.orElseThrow(() -> new IllegalStateException("this model was not loaded from a file, which a"
                + " draft could be made of: load a smaller model and draft with Draft.model"));
        LoadOptions ourThreads = LoadOptions.DEFAULT.threadsOf(this);
        try (CompressedModel smaller = compress(source, recipe, ourThreads, CompressionProgress.NONE)) {
            return new ShapedDraft(smaller.load(), smaller.report());
        }
    }

    /** The threads that compute: of this model, or of another one, which closes them. */
    private record Team(Workers workers, boolean isOwn) implements AutoCloseable {
        static Team of(LoadOptions options) {
            return options.threadsOf()
                    .map(other -> new Team(other.workers, false))
                    .orElseGet(() -> new Team(
                            Workers.of(options.threads() == 0 ? PhysicalCores.count() : options.threads()), true));
        }

        @Override
        public void close() {
            if (isOwn) {
                workers.close();
            }
        }
    }

    /** A session with room for the model's context length. */
    public Session newSession() {
        return newSession(SessionOptions.DEFAULT);
    }

    /**
     * A session of its own text; the caller closes it.
     *
     * @throws IllegalArgumentException if more context is asked for than the model was made for
     * @throws UnsupportedOperationException if the model is an encoder, which makes vectors of texts and continues none
     */
    public Session newSession(SessionOptions options) {
        Objects.requireNonNull(options, "options");
        requireGenerator(options.contextLength());
        return new Session(this, options, Stopwatch.system().nanoTime());
    }

    private void requireGenerator(int contextLength) {
        if (contextLength > contextLength()) {
            throw new IllegalArgumentException("contextLength is " + contextLength + ": the model was made for at most "
                    + contextLength() + " tokens");
        }
        if (languageModel instanceof EmbeddingModel embedding && embedding.isEncoder()) {
            throw new UnsupportedOperationException(
                    "this model is an encoder: it makes vectors of texts and cannot continue one; use embed");
        }
    }

    /** An engine that answers many requests at once, with its default options. */
    public Engine engine() {
        return engine(EngineOptions.DEFAULT);
    }

    /**
     * An engine that answers many requests at once; the caller closes it before this model.
     *
     * @throws IllegalArgumentException if texts shall hold more context than the model was made for
     * @throws UnsupportedOperationException if the model is an encoder, which makes vectors of texts and continues none
     */
    public Engine engine(EngineOptions options) {
        Objects.requireNonNull(options, "options");
        requireGenerator(options.contextLength());
        return new Engine(this, options);
    }

    /** This model with its passes shared by all who ask for one. */
    Model sharing(SharedModel shared) {
        return new Model(
                shared, tokenizer, metadata, workers, file, loadReport, streaming, expertUse, prefixes, () -> {});
    }

    /**
     * Vectors of texts, as an embedding model makes them: each of length 1, with the model's own pooling. See {@link
     * #embed(List, EmbeddingOptions)}.
     *
     * <pre>{@code
     * Embeddings embeddings = model.embed(List.of("a cat on a mat", "a dog on a rug"));
     * double similarity = embeddings.cosine(0, 1);
     * }</pre>
     */
    public Embeddings embed(List<String> texts) {
        return embed(texts, EmbeddingOptions.DEFAULT);
    }

    /**
     * Vectors of texts. The tokens of all texts go through the model together, whatever their lengths, on all of its threads; a text
     * has the same vector to the bit alone or among others. Reimers and Gurevych, "Sentence-BERT", 2019, arXiv 1908.10084, section 3.
     *
     * @param texts any number; what a model puts around a text is added
     * @return vectors in the order of the texts, all of one length
     * @throws IllegalArgumentException if a text has more tokens than the model was made for, unless the options cut it; if one has
     *     none
     * @throws UnsupportedOperationException if the model was not made for vectors and the options name no pooling; if it is a
     *     reranker
     * @throws java.util.concurrent.CancellationException if the calling thread is interrupted; it stays so
     */
    public Embeddings embed(List<String> texts, EmbeddingOptions options) {
        Objects.requireNonNull(texts, "texts");
        Objects.requireNonNull(options, "options");
        return vectors().embed(texts, options);
    }

    /**
     * Documents by how well they answer a query, the best first, as a reranker scores them. Nogueira and Cho, "Passage Re-ranking with
     * BERT", 2019, arXiv 1901.04085, section 2.
     *
     * @param documents any number
     * @throws IllegalArgumentException if query and document have more tokens than the model was made for
     * @throws UnsupportedOperationException if the model has no classification head
     * @throws java.util.concurrent.CancellationException if the calling thread is interrupted; it stays so
     */
    public List<RankedDocument> rank(String query, List<String> documents) {
        Objects.requireNonNull(query, "query");
        Objects.requireNonNull(documents, "documents");
        return vectors().rank(query, documents, false);
    }

    /**
     * Opens a file of passages, or makes it: what this embedding model finds by meaning and a chat model is then told. The
     * caller closes it before this model.
     *
     * <pre>{@code
     * try (Passages passages = embedder.passages(file); Session session = chatModel.newSession()) {
     *     passages.add(List.of("The library opens at nine.", "It is closed on Sundays."));
     *     String answer = session.chat(List.of(passages.ask("When does it open?", 2))).run().text();
     * }
     * }</pre>
     *
     * @throws IOException if the file cannot be read or written; a {@link dev.lathe.retrieval.DatastoreException} if it is
     *     damaged, was filled by another model, or is open already
     * @throws UnsupportedOperationException if this model was not made for vectors
     */
    public Passages passages(Path file) throws IOException {
        return passages(file, EmbeddingOptions.DEFAULT, EmbeddingOptions.DEFAULT);
    }

    /** As {@link #passages(Path)}, with vectors of passages and of questions made as these options say. */
    public Passages passages(Path file, EmbeddingOptions documents, EmbeddingOptions questions) throws IOException {
        return Passages.open(
                file,
                texts -> embed(texts, documents).vectors(),
                texts -> embed(texts, questions).vectors(),
                workers);
    }

    /** Opens a store of next tokens with its default options; see {@link #nextTokens(Path, NextTokenOptions)}. */
    public NextTokenStore nextTokens(Path file) throws IOException {
        return nextTokens(file, NextTokenOptions.DEFAULT);
    }

    /**
     * Opens a file that knows what came next in earlier texts, or makes it: filled with {@link NextTokenStore#add}, used by
     * {@link #mixing}. The caller closes it before this model.
     *
     * @throws IOException if the file cannot be read or written; a {@link dev.lathe.retrieval.DatastoreException} if it is
     *     damaged, was filled by another model, or is open already
     * @throws UnsupportedOperationException if the model does not run layer by layer
     */
    public NextTokenStore nextTokens(Path file, NextTokenOptions options) throws IOException {
        if (languageModel instanceof LayeredModel layered) {
            OptionalInt first = tokenizer.addsBos() ? tokenizer.bos() : OptionalInt.empty();
            return NextTokenStore.open(file, layered, first, options, workers);
        }
        throw new UnsupportedOperationException(
                "this model does not run layer by layer, so its hidden states cannot be kept");
    }

    /**
     * This model with what its store of next tokens finds mixed into its distribution: what sessions, engines, strategies and
     * measures then see is the mixture. It shares everything with this model, which is closed after it; closing the mixture
     * does nothing.
     *
     * <pre>{@code
     * try (NextTokenStore store = model.nextTokens(file)) {
     *     store.add(model.tokenizer().encodePrompt(Files.readString(ourCode)));
     *     Model ours = model.mixing(store, NeighborOptions.DEFAULT);
     *     try (Session session = ours.newSession()) {
     *         session.generate("public static ").run();
     *     }
     * }
     * }</pre>
     *
     * @throws IllegalArgumentException if the store is another model's
     */
    public Model mixing(NextTokenStore store, NeighborOptions options) {
        if (store.model() != languageModel) {
            throw new IllegalArgumentException(
                    "the store of next tokens is another model's: open its file with" + " nextTokens of this model");
        }
        return new Model(
                store.mixed(options),
                tokenizer,
                metadata,
                workers,
                file,
                loadReport,
                streaming,
                expertUse,
                new PrefixTree(0),
                () -> {});
    }

    private TextVectors vectors() {
        if (languageModel instanceof EmbeddingModel embedding) {
            return new TextVectors(embedding, tokenizer, metadata);
        }
        throw new UnsupportedOperationException("this model makes no vectors of texts");
    }

    @Override
    public int vocabularySize() {
        return languageModel.vocabularySize();
    }

    @Override
    public long vocabularyFingerprint() {
        return languageModel.vocabularyFingerprint();
    }

    @Override
    public int contextLength() {
        return languageModel.contextLength();
    }

    /** A state below the text, as strategies, drafts and measures use it; a {@link Session} owns one. */
    @Override
    public InferenceState newState(int capacity, CacheType cacheType) {
        return languageModel.newState(capacity, cacheType);
    }

    @Override
    public FloatMatrix forward(List<? extends InferenceState> states, List<TokenBatch> batches) {
        return languageModel.forward(states, batches);
    }

    /** How the layers of a model that was loaded with {@link LoadOptions#weightMemory} are read, and how it went so far. */
    public Optional<WeightStreaming> weightStreaming() {
        return streaming.get();
    }

    /**
     * How often each expert was chosen since this model was loaded; empty unless {@link LoadOptions#experts} asked for a count.
     *
     * <pre>{@code
     * LoadOptions counting = LoadOptions.DEFAULT.experts(ExpertOptions.DEFAULT.counting());
     * try (Model model = Model.load(file, counting)) {
     *     ExpertUse before = model.expertUse().orElseThrow();
     *     model.newSession().generate(prompt).run();
     *     System.out.print(model.expertUse().orElseThrow().since(before));
     * }
     * }</pre>
     */
    public Optional<ExpertUse> expertUse() {
        return expertUse.get();
    }

    /** How often prompts began as an earlier text did, where {@link LoadOptions#prefixMemory} keeps some. */
    public PrefixStatistics prefixStatistics() {
        return prefixes.statistics();
    }

    /** Where keys and values are, where {@link LoadOptions#pageMemory} limits those in memory. */
    public Optional<PageStatistics> pageStatistics() {
        return languageModel instanceof DecoderModel decoder ? decoder.pageStatistics() : Optional.empty();
    }

    PrefixTree prefixes() {
        return prefixes;
    }

    /** Where the time of loading went. */
    public LoadReport loadReport() {
        return loadReport;
    }

    /** Threads that compute, the caller's included. */
    int threads() {
        return workers.count();
    }

    /** Turns text into this model's tokens and back. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** What the model's makers advise for generation; nothing of it is applied unless asked for. */
    public GenerationDefaults generationDefaults() {
        return GenerationDefaults.of(metadata);
    }

    /** The tokens as constraints need them. */
    TokenVocabulary tokenVocabulary() {
        TokenVocabulary known = tokenVocabulary;
        if (known == null) {
            synchronized (this) {
                known = tokenVocabulary;
                if (known == null) {
                    known = TokenVocabulary.of(new VocabularyTexts(tokenizer));
                    tokenVocabulary = known;
                }
            }
        }
        return known;
    }

    /** The template that lays conversations out for this model, parsed once; empty if the file has none. */
    public Optional<ChatTemplate> chatTemplate() {
        ChatTemplate known = chatTemplate;
        if (known == null) {
            known = metadata.findString("tokenizer.chat_template")
                    .map(ChatTemplate::of)
                    .orElse(null);
            chatTemplate = known;
        }
        return Optional.ofNullable(known);
    }

    /** The tokens by which this model is asked for the middle of a text; empty if its vocabulary has none. */
    public Optional<FillInMiddle> fillInMiddle() {
        return FillInMiddle.find(metadata, tokenizer);
    }

    int[] fillInMiddlePrompt(String before, String after) {
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(after, "after");
        return fillInMiddle()
                .orElseThrow(
                        () -> new UnsupportedOperationException("the vocabulary of this model has no tokens that ask"
                                + " for the middle of a text, such as tokenizer.ggml.fim_pre_token_id: continue its beginning"
                                + " with generate, or take a model that was trained to fill in"))
                .prompt(tokenizer, before, after);
    }

    /** How this model is told of tools and writes calls and thinking; empty without a template. */
    Optional<ChatFormat> chatFormat() {
        ChatFormat known = chatFormat;
        if (known == null) {
            known = chatTemplate()
                    .map(template -> ChatFormat.of(template, tokenizer))
                    .orElse(null);
            chatFormat = known;
        }
        return Optional.ofNullable(known);
    }

    /** What the file says about the model. */
    public Metadata metadata() {
        return metadata;
    }

    /**
     * Layers of the model, as strategies count them that leave it early or draft with its first ones.
     *
     * @throws UnsupportedOperationException if the model does not run layer by layer
     */
    public int layerCount() {
        if (languageModel instanceof LayeredModel layered) {
            return layered.layerCount();
        }
        throw new UnsupportedOperationException("this model does not run layer by layer, so it has no layer count");
    }

    /** Refuses tokens that are none of the vocabulary. */
    void checkTokens(int... tokens) {
        for (int position = 0; position < tokens.length; position++) {
            if (tokens[position] < 0 || tokens[position] >= vocabularySize()) {
                throw new IllegalArgumentException("token " + tokens[position] + " at position " + position
                        + " is outside of the vocabulary of " + vocabularySize() + " tokens");
            }
        }
    }

    /** The model below the text: tokens in, logits out. */
    public LanguageModel languageModel() {
        return languageModel;
    }

    /**
     * Frees the weights and ends the threads. What computes with this model at this moment, or is asked to later, in sessions,
     * engines or embeddings, ends with an {@link IllegalStateException} that says so.
     */
    @Override
    public void close() {
        release.run();
    }
}
