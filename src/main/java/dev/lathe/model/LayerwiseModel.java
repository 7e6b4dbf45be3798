package dev.lathe.model;

import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import dev.lathe.tensor.kernel.Kernels;
import java.io.IOException;
import java.util.List;

/**
 * A decoder run one layer at a time over whole texts, as calibration needs it: the hidden rows stay with the caller between
 * layers, and each layer's weights are read from the source when it is asked for, so a transform that has just replaced them
 * runs the next layer on what it made. Only one layer is in memory. Not thread-safe.
 *
 * <p>The rows are the same to the bit as in {@link DecoderModel}.
 */
public final class LayerwiseModel {
    private static final int MAX_PASS_ROWS = 512;

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
        return new LayerwiseModel(source, workers, Kernels.best());
    }

    /**
     * The shape as the metadata say now.
     *
     * @throws dev.lathe.gguf.GgufException if the source holds no model that can be run
     */
    public ModelConfig config() {
        return ModelConfig.of(source.metadata(), WeightLoader.vocabularySize(source));
    }

    /**
     * Token embeddings of several texts.
     *
     * @return for each text its hidden rows [tokens x hidden]
     */
    public List<FloatMatrix> embed(List<int[]> texts) throws IOException {
        ModelConfig config = config();
        Linear embedding = loader().embedding(config);
        return texts.stream().map(text -> embed(config, embedding, text)).toList();
    }

    private FloatMatrix embed(ModelConfig config, Linear embedding, int[] text) {
        FloatMatrix hidden = FloatMatrix.zeros(text.length, config.hiddenSize());
        RowLoop.run(workers, text.length, hidden.columns(), row -> {
            int offset = hidden.offset(row);
            embedding.readRow(text[row], hidden.data(), offset);
            if (config.embeddingScale() != 1f) {
                kernels.elementwise()
                        .scale(hidden.data(), offset, config.embeddingScale(), hidden.data(), offset, hidden.columns());
            }
        });
        return hidden;
    }

    /** One layer, with its weights as they are now. */
    public Layer layer(int index) throws IOException {
        ModelConfig config = config();
        LayerConfig layer = config.layers().get(index);
        WeightLoader loader = loader();
        List<Rope> ropes = List.of(new Rope(layer.rope(), loader.ropeFactors(config)));
        DecoderBlock block =
                DecoderBlock.of(config, layer, loader.block(config, index), 0, kernels.elementwise(), workers);
        return new Layer(layer, block, new DecoderBuffers(config, ropes, MAX_PASS_ROWS, workers, kernels));
    }

    /** The final norm and the head. */
    public Head head() throws IOException {
        ModelConfig config = config();
        ElementwiseKernels elementwise = kernels.elementwise();
        WeightLoader loader = loader();
        return new Head(new RmsNorm(elementwise, loader.finalNorm(config), config.normEpsilon()), loader.head(config));
    }

    private WeightLoader loader() {
        return new WeightLoader(source, workers, kernels);
    }

    /** One layer in memory. Not thread-safe. */
    public final class Layer {
        private final LayerConfig config;
        private final DecoderBlock block;
        private final DecoderBuffers buffers;

        private Layer(LayerConfig config, DecoderBlock block, DecoderBuffers buffers) {
            this.config = config;
            this.block = block;
            this.buffers = buffers;
        }

        /**
         * Runs the layer over one whole text, in place.
         *
         * @param hidden the text's hidden rows before the layer, and after it [tokens x hidden]
         * @param observer sees the inputs of the linear layers
         */
        public void run(FloatMatrix hidden, ActivationObserver observer) {
            Pass whole = Pass.of(TokenBatch.noLogits(new int[hidden.rows()]), 0); // positions matter, tokens do not
            KvCache cache = KvCache.of(config, hidden.rows(), CacheType.F32, kernels.cache());
            cache.reserve(hidden.rows());
            buffers.observeWith(observer);
            for (int from = 0; from < hidden.rows(); from += MAX_PASS_ROWS) {
                int rows = Math.min(MAX_PASS_ROWS, hidden.rows() - from);
                Pass pass = whole.piece(from, rows);
                float[] stream = buffers.hidden(rows).data();
                System.arraycopy(hidden.data(), hidden.offset(from), stream, 0, rows * hidden.columns());
                buffers.rotateTo(pass);
                block.run(pass, cache, buffers);
                System.arraycopy(stream, 0, hidden.data(), hidden.offset(from), rows * hidden.columns());
            }
        }
    }

    /** The end of the model in memory: final norm and head. Not thread-safe. */
    public final class Head {
        private final RmsNorm norm;
        private final Linear head;

        private Head(RmsNorm norm, Linear head) {
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
            FloatMatrix logits = FloatMatrix.zeros(hidden.rows(), head.outputSize());
            head.apply(activations, logits, workers);
            return logits;
        }
    }
}
