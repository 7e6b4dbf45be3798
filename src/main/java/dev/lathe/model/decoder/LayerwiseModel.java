package dev.lathe.model.decoder;

import dev.lathe.gguf.TensorSource;
import dev.lathe.model.ActivationObserver;
import dev.lathe.model.CacheType;
import dev.lathe.model.ExpertOptions;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.cache.KvCache;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.family.Families;
import dev.lathe.model.load.WeightLoader;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * A decoder run one layer at a time over whole texts, as calibration needs it: the hidden rows stay with the caller between
 * layers, and each layer's weights are read from the source when it is asked for, so a transform that has just replaced them
 * runs the next layer on what it made. Only one layer is in memory. Not thread-safe.
 *
 * <p>The rows are the same to the bit as in {@link DecoderModel}.
 */
public final class LayerwiseModel {
    private final TensorSource source;
    private final Workers workers;
    private final Kernels kernels;

    private LayerwiseModel(TensorSource source, Workers workers, Kernels kernels) {
        this.source = source;
        this.workers = workers;
        this.kernels = kernels;
    }

    /**
     * Runs what the source holds at the time of each call.
     *
     * @param source an open file, or a model in the making whose tensors and metadata may change between calls
     * @param workers the threads that compute; they stay the caller's
     */
    public static LayerwiseModel of(TensorSource source, Workers workers) {
        return new LayerwiseModel(source, workers, KernelChoice.best());
    }

    /**
     * The shape as the metadata say now.
     *
     * @throws dev.lathe.gguf.GgufException if the source holds no model that can be run
     */
    public ModelConfig config() {
        return Families.describe(source.metadata(), WeightLoader.vocabularySize(source));
    }

    /**
     * Token embeddings of several texts.
     *
     * @return for each text its hidden rows [tokens x hidden]; the list can be changed
     */
    public List<FloatMatrix> embed(List<int[]> texts) throws IOException {
        ModelConfig config = config();
        Embedding embedding = new Embedding(config, loader().embeddings(config), kernels.elementwise(), workers);
        DecoderBuffers buffers = new DecoderBuffers(config, List.of(), Pass.MOST_ROWS, workers, kernels);
        List<FloatMatrix> hidden = new ArrayList<>();
        for (int[] text : texts) {
            TextRows whole = TextRows.of(TokenBatch.noLogits(text), List.of(), 0);
            hidden.add(inPasses(text.length, config.streamSizes().beforeAttention(0), (from, rows) -> {
                embedding.read(Pass.of(whole.piece(from, rows)), buffers);
                return buffers.hidden(rows);
            }));
        }
        return hidden;
    }

    private interface Mixing {
        void run(int index, Pass pass, DecoderBuffers buffers);
    }

    private interface PassTask {
        /** The residual stream of a pass; valid until the next one. */
        FloatMatrix run(int from, int rows);
    }

    private static FloatMatrix inPasses(int rows, int columns, PassTask task) {
        return inPasses(rows, columns, Pass.MOST_ROWS, task);
    }

    private static FloatMatrix inPasses(int rows, int columns, int most, PassTask task) {
        FloatMatrix result = FloatMatrix.zeros(rows, columns);
        for (int from = 0; from < rows; from += most) {
            FloatMatrix pass = task.run(from, Math.min(most, rows - from));
            System.arraycopy(pass.data(), 0, result.data(), result.offset(from), pass.rows() * columns);
        }
        return result;
    }

    /** One layer, with its weights as they are now. */
    public Layer layer(int index) throws IOException {
        ModelConfig config = config();
        LayerConfig layer = config.layers().get(index);
        WeightLoader loader = loader();
        WeightGroup.Builder factors = WeightGroup.builder();
        loader.ropeFactors(config, factors);
        List<Rope> ropes = layer.attention().rope().stream()
                .map(rope -> Rope.of(rope, factors.build(), config.contextLength()))
                .toList();
        WeightGroup weights = loader.layer(config, index);
        DecoderBlock block = DecoderBlock.of(
                config,
                layer,
                weights,
                0,
                new ExpertWeights(weights, Optional.empty(), index),
                ExpertOptions.DEFAULT,
                Optional.empty(),
                kernels.elementwise(),
                workers);
        return new Layer(
                layer,
                block,
                config.streamSizes().afterAttention(index),
                config.streamSizes().afterFeedForward(index),
                rows -> new DecoderBuffers(config, ropes, rows, workers, kernels));
    }

    /**
     * The final norm and the head.
     *
     * @throws IllegalArgumentException if the model is an encoder, which has no head
     */
    public Head head() throws IOException {
        ModelConfig config = config();
        ElementwiseKernels elementwise = kernels.elementwise();
        WeightLoader loader = loader();
        Norm norm = Norm.of(elementwise, loader.finalNorm(config), config.normEpsilon(), config.hiddenSize());
        return new Head(
                norm,
                new dev.lathe.model.decoder.Head(
                        loader.head(config), loader.headBias(config), config.ends(), elementwise));
    }

    private WeightLoader loader() {
        return new WeightLoader(source, WeightMemory.collected(), workers, kernels);
    }

    /** One layer in memory. Not thread-safe. */
    public final class Layer {
        private final LayerConfig config;
        private final DecoderBlock block;
        private final int afterAttention;
        private final int afterFeedForward;
        private final IntFunction<DecoderBuffers> newBuffers;
        private DecoderBuffers buffers;

        private Layer(
                LayerConfig config,
                DecoderBlock block,
                int afterAttention,
                int afterFeedForward,
                IntFunction<DecoderBuffers> newBuffers) {
            this.config = config;
            this.block = block;
            this.afterAttention = afterAttention;
            this.afterFeedForward = afterFeedForward;
            this.newBuffers = newBuffers;
            buffers = newBuffers.apply(Pass.MOST_ROWS);
        }

        /**
         * Runs the layer over one whole text.
         *
         * @param hidden the text's hidden rows before the layer [tokens x hidden]; not changed
         * @param observer sees the inputs of the linear layers
         * @return its hidden rows after the layer [tokens x hidden after]
         */
        public FloatMatrix run(FloatMatrix hidden, ActivationObserver observer) {
            return attend(hidden, afterFeedForward, observer, block::run);
        }

        /**
         * Runs the attention over one whole text; see {@link #run}.
         *
         * @throws IllegalStateException if the layer's halves run side by side
         */
        public FloatMatrix runAttention(FloatMatrix hidden, ActivationObserver observer) {
            requireSequential();
            return attend(hidden, afterAttention, observer, block.attention()::run);
        }

        private FloatMatrix attend(FloatMatrix hidden, int columns, ActivationObserver observer, Mixing mixing) {
            KvCache cache = KvCache.of(config, hidden.rows(), CacheType.F32, kernels.cache());
            cache.reserve(0, hidden.rows());
            TokenBatch batch = TokenBatch.noLogits(new int[hidden.rows()]); // positions matter, tokens do not
            TextRows whole = TextRows.of(batch, List.of(cache), 0);
            int together = config.attention().causal() ? Pass.MOST_ROWS : Math.max(Pass.MOST_ROWS, hidden.rows());
            if (together > buffers.capacityRows()) {
                buffers = newBuffers.apply(together);
            }
            return inPasses(hidden.rows(), columns, together, (from, rows) -> {
                mixing.run(0, begin(whole, hidden, from, rows, observer), buffers);
                return buffers.hidden(rows);
            });
        }

        /**
         * Runs the feed-forward part over one whole text; see {@link #run}.
         *
         * @throws IllegalStateException if the layer's halves run side by side
         */
        public FloatMatrix runFeedForward(FloatMatrix hidden, ActivationObserver observer) {
            requireSequential();
            TextRows whole = TextRows.of(TokenBatch.noLogits(new int[hidden.rows()]), List.of(), 0);
            return inPasses(hidden.rows(), afterFeedForward, (from, rows) -> {
                begin(whole, hidden, from, rows, observer);
                block.runFeedForward(rows, buffers);
                return buffers.hidden(rows);
            });
        }

        private void requireSequential() {
            if (block.parallel()) {
                throw new IllegalStateException("attention and feed-forward part of this model run side by side: "
                        + "neither has an output that the other reads; run the whole layer");
            }
        }

        private Pass begin(TextRows whole, FloatMatrix hidden, int from, int rows, ActivationObserver observer) {
            FloatMatrix stream = buffers.newHidden(rows, hidden.columns());
            System.arraycopy(hidden.data(), hidden.offset(from), stream.data(), 0, rows * hidden.columns());
            buffers.observeWith(observer);
            Pass pass = Pass.of(whole.piece(from, rows));
            buffers.rotateTo(pass);
            return pass;
        }
    }

    /** The end of the model in memory: final norm and head. Not thread-safe. */
    public final class Head {
        private final Norm norm;
        private final dev.lathe.model.decoder.Head head;

        private Head(Norm norm, dev.lathe.model.decoder.Head head) {
            this.norm = norm;
            this.head = head;
        }

        /** The normed rows that the head reads [tokens x hidden]. */
        public FloatMatrix input(FloatMatrix hidden) {
            FloatMatrix normed = FloatMatrix.zeros(hidden.rows(), hidden.columns());
            for (int row = 0; row < hidden.rows(); row++) {
                norm.apply(hidden.data(), hidden.offset(row), normed.data(), normed.offset(row));
            }
            return normed;
        }

        /** Logits [tokens x vocabulary] of hidden rows that went through all layers. */
        public FloatMatrix logits(FloatMatrix hidden) {
            Activations activations = new Activations(hidden.rows(), hidden.columns());
            System.arraycopy(input(hidden).data(), 0, activations.matrix().data(), 0, hidden.rows() * hidden.columns());
            activations.set(hidden.rows());
            FloatMatrix logits = FloatMatrix.zeros(hidden.rows(), head.matrix().outputSize());
            head.apply(activations, logits, workers);
            return logits;
        }
    }
}
