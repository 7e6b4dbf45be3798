package dev.lathe.model;

import dev.lathe.model.ModelWeights.AttentionWeights;
import dev.lathe.model.ModelWeights.BlockWeights;
import dev.lathe.model.ModelWeights.FeedForwardWeights;
import dev.lathe.model.ModelWeights.NormWeights;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.LinearLoader;
import dev.lathe.tensor.LowRankLinear;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.store.WeightMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** Small decoders of every architecture and odd sizes, the same for the same seed. */
public final class RandomModels {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Random random;
    private final TensorType type;
    private final Workers workers;
    private final Kernels kernels;

    private RandomModels(Random random, TensorType type, Workers workers, Kernels kernels) {
        this.random = random;
        this.type = type;
        this.workers = workers;
        this.kernels = kernels;
    }

    public static DecoderModel of(long seed, Workers workers, Kernels kernels) {
        Random random = new Random(seed);
        TensorType type = random.nextInt(3) == 0 ? TensorType.Q8_0 : TensorType.F32;
        return new RandomModels(random, type, workers, kernels).model(random.nextInt(1, 4), random.nextInt(3) == 0);
    }

    /** Of so many layers; some are sliced. */
    public static DecoderModel ofLayers(int layers, long seed, Workers workers, Kernels kernels) {
        Random random = new Random(seed);
        TensorType type = random.nextInt(3) == 0 ? TensorType.Q8_0 : TensorType.F32;
        return new RandomModels(random, type, workers, kernels).model(layers, random.nextInt(3) == 0);
    }

    /** Of so many layers, whose rows share one basis: not sliced. */
    public static DecoderModel ofLayersInOneBasis(int layers, long seed, Workers workers, Kernels kernels) {
        Random random = new Random(seed);
        TensorType type = random.nextInt(3) == 0 ? TensorType.Q8_0 : TensorType.F32;
        return new RandomModels(random, type, workers, kernels).model(layers, false);
    }

    private DecoderModel model(int layerCount, boolean sliced) {
        Architecture architecture = Architecture.values()[random.nextInt(Architecture.values().length)];
        int hidden = 32 * random.nextInt(1, 3);
        List<LayerConfig> layers = new ArrayList<>();
        for (int layer = 0; layer < layerCount; layer++) {
            layers.add(layer(architecture));
        }
        StreamSizes sizes = sliced ? sizes(hidden, layers.size()) : StreamSizes.uniform(hidden, layers.size());
        ModelConfig config =
                new ModelConfig(architecture, random.nextInt(40, 70), 1024, hidden, 1e-5f, 1f, layers, sizes, 0);
        TiledLinear embedding = tiled(config.vocabularySize(), hidden);
        Optional<Linear> rotation = rotation(sliced, sizes.beforeAttention(0), hidden);
        Linear head = head(config, embedding, sliced);
        List<BlockWeights> blocks = new ArrayList<>();
        for (int block = 0; block < layers.size(); block++) {
            blocks.add(block(config, block, sliced));
        }
        ModelWeights weights = new ModelWeights(
                embedding,
                rotation,
                blocks,
                norm(config, sizes.last()),
                head,
                vector(random.nextInt(4) == 0, config.vocabularySize()),
                ModelWeights.NONE);
        return DecoderModel.of(config, weights, workers, kernels);
    }

    private StreamSizes sizes(int hidden, int layers) {
        int unit = type == TensorType.Q8_0 ? 32 : 1;
        return new StreamSizes(IntStream.range(0, 2 * layers + 1)
                .mapToObj(i -> unit * random.nextInt(1, hidden / unit + 1))
                .toList());
    }

    private Linear head(ModelConfig config, TiledLinear embedding, boolean sliced) {
        int last = config.streamSizes().last();
        return switch (random.nextInt(3)) {
            case 0 -> matrix(config.vocabularySize(), last);
            case 1 -> new LowRankLinear(tiled(config.hiddenSize(), last), embedding);
            default -> sliced ? matrix(config.vocabularySize(), last) : embedding;
        };
    }

    private Optional<Linear> rotation(boolean present, int rows, int columns) {
        return present ? Optional.of(tiled(rows, columns)) : Optional.empty();
    }

    /** Heads that fill no vector, windows smaller than a text, values longer or shorter than keys. */
    private LayerConfig layer(Architecture architecture) {
        int keyValueHeads = random.nextInt(1, 4);
        boolean quantized = type == TensorType.Q8_0;
        int valueSize = quantized ? 32 : random.nextInt(1, 40);
        int keySize = 2 * random.nextInt(1, 20);
        int window = random.nextInt(3) == 0 ? random.nextInt(1, 40) : 0;
        RopeConfig rope = new RopeConfig(2 * random.nextInt(1, keySize / 2 + 1), 10_000, new RopeConfig.Scaling.None());
        return new LayerConfig(
                keyValueHeads * random.nextInt(1, 6),
                keyValueHeads,
                keySize,
                valueSize,
                (float) (1 / Math.sqrt(keySize)),
                quantized ? 32 * random.nextInt(1, 5) : random.nextInt(8, 140),
                window,
                rope);
    }

    private BlockWeights block(ModelConfig config, int index, boolean sliced) {
        LayerConfig layer = config.layers().get(index);
        int hidden = config.streamSizes().beforeAttention(index);
        int middle = config.streamSizes().afterAttention(index);
        int after = config.streamSizes().afterFeedForward(index);
        int queries = layer.headCount() * layer.keySize();
        int keys = layer.keyValueHeadCount() * layer.keySize();
        int values = layer.keyValueHeadCount() * layer.valueSize();
        int inner = layer.feedForwardSize();
        boolean bias = random.nextBoolean();
        boolean headNorms = config.architecture().headNorms();
        boolean postNorms = config.architecture().postNorms();
        boolean gated = config.architecture().gated();
        return new BlockWeights(
                new AttentionWeights(
                        norm(config, hidden),
                        matrix(queries, hidden),
                        matrix(keys, hidden),
                        matrix(values, hidden),
                        matrix(middle, layer.headCount() * layer.valueSize()),
                        vector(bias, queries),
                        vector(bias, keys),
                        vector(bias, values),
                        vector(bias, middle),
                        headNorms ? norm(layer.keySize()) : ModelWeights.NONE,
                        headNorms ? norm(layer.keySize()) : ModelWeights.NONE,
                        postNorms ? norm(middle) : ModelWeights.NONE,
                        rotation(sliced, middle, hidden)),
                new FeedForwardWeights(
                        norm(config, middle),
                        gated ? Optional.of(matrix(inner, middle)) : Optional.empty(),
                        matrix(inner, middle),
                        matrix(after, inner),
                        vector(bias && gated, inner),
                        vector(bias, inner),
                        vector(bias, after),
                        postNorms ? norm(after) : ModelWeights.NONE,
                        rotation(sliced, after, middle)));
    }

    private NormWeights norm(ModelConfig config, int size) {
        boolean shifted = config.architecture().layerNorms() && size == config.hiddenSize();
        return new NormWeights(norm(size), vector(shifted, size));
    }

    private float[] norm(int size) {
        float[] weight = vector(true, size);
        for (int i = 0; i < size; i++) {
            weight[i] = 1 + weight[i] / 4;
        }
        return weight;
    }

    private float[] vector(boolean present, int size) {
        float[] values = new float[present ? size : 0];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Dense, or two factors. */
    private Linear matrix(int rows, int columns) {
        if (random.nextInt(4) > 0) {
            return tiled(rows, columns);
        }
        int rank = type == TensorType.Q8_0 ? 32 : random.nextInt(1, 40);
        return new LowRankLinear(tiled(rank, columns), tiled(rows, rank));
    }

    private TiledLinear tiled(int rows, int columns) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[(int) type.byteCount((long) rows * columns)]);
        double scale = 1 / Math.sqrt(columns);
        for (long block = 0; block < bytes.byteSize(); block += type.blockBytes()) {
            if (type == TensorType.F32) {
                bytes.set(FLOAT, block, (float) (random.nextGaussian() * scale));
            } else {
                bytes.set(SHORT, block, Float.floatToFloat16((float) (scale / 64)));
                for (int i = 0; i < type.blockSize(); i++) {
                    bytes.set(ValueLayout.JAVA_BYTE, block + 2 + i, (byte) random.nextInt(-127, 128));
                }
            }
        }
        try {
            return LinearLoader.pack(
                    type,
                    rows,
                    columns,
                    (at, count, arena) -> bytes.asSlice(at, count),
                    WeightMemory.collected(),
                    workers,
                    kernels);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Random tokens of a model's vocabulary. */
    public static int[] tokens(DecoderModel model, int count, Random random) {
        return random.ints(count, 0, model.vocabularySize()).toArray();
    }
}
