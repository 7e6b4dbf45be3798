package dev.lathe.model.decoder;

import dev.lathe.figures.Stopwatch;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.Arithmetic;
import dev.lathe.model.CacheType;
import dev.lathe.model.EmbeddingModel;
import dev.lathe.model.ExpertOptions;
import dev.lathe.model.ExpertUse;
import dev.lathe.model.InferenceState;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.LayeredState;
import dev.lathe.model.ModelWeights;
import dev.lathe.model.PageLimit;
import dev.lathe.model.PageStatistics;
import dev.lathe.model.SkippedParts;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.cache.PagePool;
import dev.lathe.model.cache.PageSource;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.Pooling;
import dev.lathe.model.config.RopeConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.family.Families;
import dev.lathe.model.load.TensorLoader;
import dev.lathe.model.load.WeightArithmetic;
import dev.lathe.model.load.WeightLoader;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.LMul;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.store.BufferPlanner;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import dev.lathe.tensor.store.WeightStreaming;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A decoder or an encoder with its weights: embeds tokens, runs the blocks, turns hidden rows into logits or into vectors of texts.
 * Immutable and thread-safe; concurrent states share the workers.
 */
public final class DecoderModel implements LayeredModel, EmbeddingModel, AutoCloseable {
    private static final String CLOSED = "the model is closed";
    private static final int TRIAL_LAYERS = 2;
    private static final int PLAN_ATTEMPTS = 2000;
    private static final int TRIAL_ROUNDS = 3; // the first ones wait for classes and code

    private final ModelConfig config;
    private final ModelWeights weights;
    private final Optional<PagePool> pool;
    private final Optional<WeightStore> store; // its own
    private final Optional<WeightStore> layerStore; // whose layers may have to be waited for
    private final Workers workers;
    private final Kernels kernels;
    private final List<DecoderBlock> blocks = new ArrayList<>();
    private final Optional<List<ExpertCounter>> counters; // of the layers that have experts, where they are counted
    private final Embedding embedding;
    private final Norm finalNorm;
    private final BufferPool buffers;
    private final Optional<Head> head; // an encoder has none
    private final TextEncoder encoder;
    private volatile boolean open = true;

    private DecoderModel(
            ModelConfig config,
            ModelWeights weights,
            Optional<WeightStore> store,
            Optional<WeightStore> layerStore,
            ExpertOptions experts,
            Optional<PagePool> pool,
            Workers workers,
            Kernels kernels) {
        this.config = config;
        this.pool = pool;
        this.weights = weights;
        this.store = store;
        this.layerStore = layerStore;
        this.workers = workers;
        this.kernels = kernels;
        ElementwiseKernels elementwise = kernels.elementwise();
        List<RopeConfig> ropeConfigs = config.layers().stream()
                .flatMap(layer -> layer.attention().rope().stream())
                .distinct()
                .toList();
        List<ExpertCounter> counting = new ArrayList<>();
        for (int i = 0; i < config.layers().size(); i++) {
            LayerConfig layer = config.layers().get(i);
            int rope = layer.attention().rope().map(ropeConfigs::indexOf).orElse(-1);
            int index = i;
            Optional<ExpertCounter> counter = layer.feedForward()
                    .experts()
                    .filter(any -> experts.counted())
                    .map(own -> new ExpertCounter(index, own.count()));
            counter.ifPresent(counting::add);
            WeightGroup group = weights.layers().get(i);
            ExpertWeights matrices = new ExpertWeights(group, layerStore, i);
            blocks.add(DecoderBlock.of(config, layer, group, rope, matrices, experts, counter, elementwise, workers));
        }
        Experts before = null;
        for (DecoderBlock block : blocks) {
            if (block.feedForward() instanceof Experts mixture) {
                if (before != null) {
                    before.precede(mixture);
                }
                before = mixture;
            }
        }
        counters = experts.counted() ? Optional.of(List.copyOf(counting)) : Optional.empty();
        head = weights.global()
                .findMatrix(TensorRole.HEAD)
                .map(matrix -> new Head(matrix, weights.global().bias(TensorRole.HEAD), config.ends(), elementwise));
        finalNorm = Norm.of(
                elementwise, weights.global().norm(TensorRole.FINAL_NORM), config.normEpsilon(), config.hiddenSize());
        embedding = new Embedding(config, weights.global(), elementwise, workers);
        List<Rope> ropes = ropeConfigs.stream()
                .map(rope -> Rope.of(rope, weights.global(), config.contextLength()))
                .toList();
        encoder = new TextEncoder(this, weights.global(), workers, kernels);
        buffers = new BufferPool(rows -> new DecoderBuffers(config, ropes, rows, workers, kernels));
    }

    /**
     * Reads a model's shape and weights, to be computed by this machine's fastest kernels.
     *
     * @param source an open file or a model in the making; it is not needed afterwards
     * @param workers the threads that compute, here and in every state; they stay the caller's
     * @throws dev.lathe.gguf.GgufException if the source holds no model that can be run
     * @throws dev.lathe.tensor.store.InsufficientMemoryException if the machine has not enough memory for the weights
     * @throws IOException if the source cannot be read
     */
    public static DecoderModel load(TensorSource source, Workers workers) throws IOException {
        return load(source, workers, KernelChoice.best());
    }

    /**
     * Reads a model's shape and weights.
     *
     * @param source an open file or a model in the making; it is not needed afterwards
     * @param workers the threads that compute, here and in every state; they stay the caller's
     * @param kernels the kernels that compute
     * @throws dev.lathe.gguf.GgufException if the source holds no model that can be run
     * @throws dev.lathe.tensor.store.InsufficientMemoryException if the machine has not enough memory for the weights
     * @throws IOException if the source cannot be read
     */
    static DecoderModel load(TensorSource source, Workers workers, Kernels kernels) throws IOException {
        ModelConfig config = config(source);
        WeightMemory.require(TensorLoader.packedBytes(source));
        WeightMemory memory = WeightMemory.open();
        try {
            return load(source, config, memory, workers, kernels);
        } catch (IOException | RuntimeException | Error failure) {
            memory.close();
            throw failure;
        }
    }

    /**
     * Reads a model's shape, and takes its weights from a store.
     *
     * @param source an open file or a model in the making; it is not needed afterwards
     * @param store the model's from now on; after a failure the caller's
     * @param workers the threads that compute, here and in every state; they stay the caller's
     * @throws dev.lathe.gguf.GgufException if the source holds no model that can be run
     * @throws IOException if source or store cannot be read
     */
    public static DecoderModel load(TensorSource source, WeightStore store, Workers workers) throws IOException {
        return load(source, config(source), store, workers, KernelChoice.best());
    }

    /**
     * Asks a store for all weights of a source, as loading will: for one that keeps them.
     *
     * @throws dev.lathe.gguf.GgufException if the source holds no model that can be run
     * @throws IOException if the source cannot be read, or the store cannot keep them
     */
    public static void pack(TensorSource source, WeightStore store, Workers workers) throws IOException {
        new WeightLoader(source, store, workers, KernelChoice.best()).load(config(source));
    }

    private static DecoderModel load(
            TensorSource source, ModelConfig config, WeightStore store, Workers workers, Kernels kernels)
            throws IOException {
        ModelWeights weights = new WeightLoader(source, store, workers, kernels).load(config);
        return new DecoderModel(
                config,
                weights,
                Optional.of(store),
                Optional.of(store).filter(s -> !s.isWhole()),
                ExpertOptions.DEFAULT,
                Optional.empty(),
                workers,
                kernels);
    }

    private static ModelConfig config(TensorSource source) {
        return Families.describe(source.metadata(), WeightLoader.vocabularySize(source));
    }

    /** Rows of a source's embedding matrix, a token each; empty if it has none. */
    public static OptionalInt vocabularySize(TensorSource source) {
        return source.tensor(TensorRole.EMBEDDING.weight())
                .map(embedding -> OptionalInt.of((int) Math.min(embedding.dimension(1), Integer.MAX_VALUE)))
                .orElse(OptionalInt.empty());
    }

    /**
     * A model of other weights, such as a transform makes.
     *
     * @throws IllegalArgumentException if the weights have another number of blocks than the configuration
     */
    static DecoderModel of(ModelConfig config, ModelWeights weights, Workers workers, Kernels kernels) {
        if (config.layers().size() != weights.layers().size()) {
            throw new IllegalArgumentException(
                    "a configuration of " + config.layers().size() + " blocks does not describe weights of "
                            + weights.layers().size());
        }
        return new DecoderModel(
                config,
                weights,
                Optional.empty(),
                Optional.empty(),
                ExpertOptions.DEFAULT,
                Optional.empty(),
                workers,
                kernels);
    }

    /** The same model in another arithmetic: see {@link #with(Arithmetic, ExpertOptions)}. */
    public DecoderModel with(Arithmetic arithmetic) {
        return with(arithmetic, ExpertOptions.DEFAULT);
    }

    /**
     * The same model in another arithmetic, with its experts computed as the options say; it shares this model's workers and the weights that do not change, so this
     * model is closed after it. Closing one does not close the other.
     *
     * @throws IllegalArgumentException if a layer that should be ternary is not
     */
    public DecoderModel with(Arithmetic arithmetic, ExpertOptions experts) {
        return with(arithmetic, experts, Optional.empty());
    }

    /**
     * The same model with a limit on the keys and values of its texts in memory; see {@link #with(Arithmetic,
     * ExpertOptions)}.
     *
     * @throws IOException if the file for the others cannot be made
     */
    public DecoderModel with(Arithmetic arithmetic, ExpertOptions experts, PageLimit pages) throws IOException {
        return with(arithmetic, experts, Optional.of(new PagePool(pages.byteCount(), pages.folder())));
    }

    private DecoderModel with(Arithmetic arithmetic, ExpertOptions experts, Optional<PagePool> pages) {
        Kernels changed =
                arithmetic.attentionBits() > 0 ? kernels.withAttention(new LMul(arithmetic.attentionBits())) : kernels;
        WeightMemory own = WeightMemory.open();
        try {
            ModelWeights changedWeights = new WeightArithmetic(arithmetic, own, kernels).apply(weights);
            return new DecoderModel(
                    config, changedWeights, Optional.of(own), layerStore, experts, pages, workers, changed);
        } catch (RuntimeException | Error failure) {
            own.close();
            pages.ifPresent(PagePool::close);
            throw failure;
        }
    }

    /** Where keys and values are, under a limit. */
    public Optional<PageStatistics> pageStatistics() {
        return pool.map(PagePool::statistics);
    }

    boolean hasPageLimit() {
        return pool.isPresent();
    }

    /** What makes pages of a type for a text. */
    PageSource pages(CacheType type) {
        return new PageSource(type, kernels.cache(), pool);
    }

    /** The file that the weights were read from as they are, if there is one. */
    public Optional<Path> packedFile() {
        return store.flatMap(WeightStore::file);
    }

    /** The model's shape. */
    public ModelConfig config() {
        return config;
    }

    /**
     * The model's weights.
     *
     * @throws UnsupportedOperationException if some of them are in memory only while a pass needs them
     */
    public ModelWeights weights() {
        if (layerStore.isPresent()) {
            throw new UnsupportedOperationException(
                    "the weights of a model under a limit cannot be walked: load it without weightMemory");
        }
        return weights;
    }

    /** Bytes of all linear layers' weights. */
    public long weightBytes() {
        return weights.byteCount();
    }

    /** How layers are read for each pass, where they are. */
    public Optional<WeightStreaming> weightStreaming() {
        return store.flatMap(WeightStore::streaming);
    }

    /** How often each expert was chosen, where it is counted. */
    public Optional<ExpertUse> expertUse() {
        return counters.map(
                layers -> new ExpertUse(layers.stream().map(ExpertCounter::use).toList()));
    }

    /** What a pass of so many rows works in, packed by when it is in use; beside it what passes really take. */
    public ScratchPlan scratch(int rows) {
        return new ScratchPlan(
                BufferPlanner.plan(DecoderBuffers.lifetimes(config, rows), PLAN_ATTEMPTS),
                DecoderBuffers.heldBytes(config, rows));
    }

    /**
     * Memory that a pass works in, without copies in small integers.
     *
     * @param plan the plan with the smallest peak that was found
     * @param heldBytes what passes take: arrays that take turns in the same memory where whole arrays can
     */
    public record ScratchPlan(BufferPlanner.Plan plan, long heldBytes) {}

    /** Nanoseconds to compute with a byte of weights in a pass of one token, by trying some layers. */
    public double computeNanosPerByte() {
        int count = isEncoder() ? layerCount() : Math.min(TRIAL_LAYERS, layerCount());
        AtomicLong bytes = new AtomicLong();
        weights.layers()
                .subList(0, count)
                .forEach(layer -> layer.forEach((role, matrix) -> bytes.addAndGet(matrix.byteCount())));
        long best = Long.MAX_VALUE;
        for (int round = 0; round < TRIAL_ROUNDS; round++) {
            long stalled = stalledNanos();
            Stopwatch.Lap lap = Stopwatch.system().start();
            if (isEncoder()) {
                embed(List.of(new int[1]), Pooling.FIRST, () -> false);
            } else {
                try (LayeredState state = newState(1, CacheType.F16)) {
                    state.append(TokenBatch.noLogits(0));
                    state.deepen(count);
                }
            }
            best = Math.min(best, lap.nanos() - (stalledNanos() - stalled));
        }
        return (double) Math.max(0, best) / Math.max(1, bytes.get());
    }

    private long stalledNanos() {
        return layerStore
                .flatMap(WeightStore::streaming)
                .map(streaming -> streaming.stalled().toNanos())
                .orElse(0L);
    }

    @Override
    public int vocabularySize() {
        return config.vocabularySize();
    }

    @Override
    public long vocabularyFingerprint() {
        return config.vocabularyFingerprint();
    }

    @Override
    public int contextLength() {
        return config.contextLength();
    }

    @Override
    public int layerCount() {
        return blocks.size();
    }

    @Override
    public boolean sharesBasis() {
        return weights.layers().stream()
                .allMatch(layer -> layer.findMatrix(TensorRole.ATTENTION_RESIDUAL)
                                .isEmpty()
                        && layer.findMatrix(TensorRole.FEED_FORWARD_RESIDUAL).isEmpty());
    }

    /**
     * {@inheritDoc}
     *
     * <p>The rows of all texts go through the layers together, so the weights are read once for all of them.
     */
    @Override
    public FloatMatrix forward(List<? extends InferenceState> states, List<TokenBatch> batches) {
        if (states.isEmpty() || states.size() != batches.size()) {
            throw new IllegalArgumentException(batches.size() + " batches for " + states.size()
                    + " states: expected one for each of at least one state");
        }
        List<DecoderState> own = new ArrayList<>();
        for (InferenceState state : states) {
            if (!(state instanceof DecoderState decoderState) || decoderState.model() != this) {
                throw new IllegalArgumentException("state " + own.size() + " is not one of this model");
            }
            if (own.contains(decoderState)) {
                throw new IllegalArgumentException(
                        "states " + own.indexOf(decoderState) + " and " + own.size() + " are the same one");
            }
            own.add(decoderState);
        }
        return DecoderState.forward(own, batches, () -> false);
    }

    @Override
    public Pooling pooling() {
        return config.ends().pooling();
    }

    @Override
    public boolean isEncoder() {
        return config.isEncoder();
    }

    @Override
    public FloatMatrix embed(List<int[]> texts, Pooling pooling, BooleanSupplier stop) {
        return whileOpen(() -> encoder.embed(texts, pooling, stop));
    }

    @Override
    public float[] score(List<TokenPair> pairs, BooleanSupplier stop) {
        return whileOpen(() -> encoder.score(pairs, stop));
    }

    @Override
    public LayeredState newState(int capacity, CacheType cacheType) {
        requireOpen();
        if (isEncoder()) {
            throw new UnsupportedOperationException("a " + config.family()
                    + " model is an encoder: it makes vectors of texts and cannot continue one; use embed");
        }
        if (capacity <= 0) {
            throw new IllegalArgumentException("a state's capacity must be positive, got " + capacity);
        }
        if (config.ends().learnedPositions() && capacity > config.contextLength()) {
            throw new IllegalArgumentException("a state of " + capacity + " positions: the model has embeddings of "
                    + config.contextLength() + " positions alone; take no more");
        }
        return new DecoderState(this, capacity, cacheType);
    }

    /**
     * Frees the weights that this model read or made: new states and passes are refused, and a pass that runs in another
     * thread ends with an {@link IllegalStateException}.
     */
    @Override
    public void close() {
        open = false;
        store.ifPresent(WeightStore::close);
        pool.ifPresent(PagePool::close);
        buffers.clear();
    }

    void requireOpen() {
        if (!open) {
            throw new IllegalStateException(CLOSED);
        }
    }

    /** Computes; memory that is freed and files that are closed meanwhile do not say themselves that the model was closed. */
    <T> T whileOpen(Supplier<T> work) {
        requireOpen();
        try {
            return work.get();
        } catch (IllegalStateException | UncheckedIOException e) {
            throw open ? e : new IllegalStateException(CLOSED, e);
        }
    }

    Kernels kernels() {
        return kernels;
    }

    /** What a pass of so many rows works in, until it is returned. */
    DecoderBuffers borrowBuffers(int rows) {
        return buffers.borrow(rows);
    }

    /** How many buffers no pass works in. */
    int freeBuffers() {
        return buffers.size();
    }

    void returnBuffers(DecoderBuffers returned) {
        buffers.giveBack(returned);
    }

    /** Token embeddings into the residual stream, and the angles of their positions. */
    void embed(Pass pass, DecoderBuffers buffers) {
        embedding.read(pass, buffers);
        buffers.rotateTo(pass);
    }

    /** One layer, in place on the residual stream. */
    void runLayer(int layer, Pass pass, DecoderBuffers buffers) {
        withWeights(layer, block -> block.run(layer, pass, buffers));
    }

    /** Runs a layer while its weights are in memory. */
    private void withWeights(int layer, Consumer<DecoderBlock> work) {
        layerStore.ifPresent(weightStore -> weightStore.acquire(layer));
        try {
            work.accept(blocks.get(layer));
        } finally {
            layerStore.ifPresent(weightStore -> weightStore.release(layer));
        }
    }

    /** What is not skipped of one layer. */
    void runLayer(int layer, SkippedParts skipped, Pass pass, DecoderBuffers buffers) {
        withWeights(
                layer,
                block -> block.runWithout(
                        layer,
                        skipped.attention().contains(layer),
                        skipped.feedForward().contains(layer),
                        pass,
                        buffers));
    }

    /** One layer's keys and values of the residual stream, which goes on by the layer's residual connections alone. */
    void fillCache(int layer, Pass pass, DecoderBuffers buffers) {
        withWeights(layer, block -> {
            block.attention().fillCache(layer, pass, buffers);
            block.skip(pass.rows(), buffers);
        });
    }

    /** The residual connections of one layer. */
    void skipLayer(int layer, int rows, DecoderBuffers buffers) {
        withWeights(layer, block -> block.skip(rows, buffers));
    }

    /** The final norm of one row of the residual stream, written to row {@code target} of the head's input. */
    void norm(FloatMatrix hidden, int row, FloatMatrix headInput, int target) {
        if (finalNorm.isPresent()) {
            finalNorm.apply(hidden.data(), hidden.offset(row), headInput.data(), headInput.offset(target));
        } else {
            System.arraycopy(
                    hidden.data(), hidden.offset(row), headInput.data(), headInput.offset(target), hidden.columns());
        }
    }

    /** Logits [rows x vocabulary] of normed rows. */
    void logits(Activations headInput, FloatMatrix logits) {
        head.orElseThrow().apply(headInput, logits, workers);
    }
}
