package dev.lathe.model;

import dev.lathe.model.config.Architecture;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.RopeConfig;
import dev.lathe.model.config.StreamSizes;
import dev.lathe.model.config.TensorRole;
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
        List<WeightGroup> groups = new ArrayList<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            groups.add(group(config, layer, sliced));
        }
        WeightGroup global = WeightGroup.builder()
                .matrix(TensorRole.EMBEDDING, embedding)
                .matrix(TensorRole.EMBEDDING_ROTATION, rotation)
                .norm(TensorRole.FINAL_NORM, norm(config, sizes.last()))
                .matrix(TensorRole.HEAD, head)
                .bias(TensorRole.HEAD, vector(random.nextInt(4) == 0, config.vocabularySize()))
                .build();
        ModelWeights weights = new ModelWeights(global, groups);
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

    private WeightGroup group(ModelConfig config, int index, boolean sliced) {
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
        WeightGroup.Builder group = WeightGroup.builder()
                .norm(TensorRole.ATTENTION_NORM, norm(config, hidden))
                .matrix(TensorRole.QUERY, matrix(queries, hidden))
                .matrix(TensorRole.KEY, matrix(keys, hidden))
                .matrix(TensorRole.VALUE, matrix(values, hidden))
                .matrix(TensorRole.ATTENTION_OUTPUT, matrix(middle, layer.headCount() * layer.valueSize()))
                .bias(TensorRole.QUERY, vector(bias, queries))
                .bias(TensorRole.KEY, vector(bias, keys))
                .bias(TensorRole.VALUE, vector(bias, values))
                .bias(TensorRole.ATTENTION_OUTPUT, vector(bias, middle))
                .vector(TensorRole.QUERY_NORM, headNorms ? norm(layer.keySize()) : WeightGroup.NONE)
                .vector(TensorRole.KEY_NORM, headNorms ? norm(layer.keySize()) : WeightGroup.NONE)
                .vector(TensorRole.POST_ATTENTION_NORM, postNorms ? norm(middle) : WeightGroup.NONE)
                .matrix(TensorRole.ATTENTION_RESIDUAL, rotation(sliced, middle, hidden));
        return group.norm(TensorRole.FEED_FORWARD_NORM, norm(config, middle))
                .matrix(TensorRole.GATE, gated ? Optional.of(matrix(inner, middle)) : Optional.empty())
                .matrix(TensorRole.UP, matrix(inner, middle))
                .matrix(TensorRole.DOWN, matrix(after, inner))
                .bias(TensorRole.GATE, vector(bias && gated, inner))
                .bias(TensorRole.UP, vector(bias, inner))
                .bias(TensorRole.DOWN, vector(bias, after))
                .vector(TensorRole.POST_FEED_FORWARD_NORM, postNorms ? norm(after) : WeightGroup.NONE)
                .matrix(TensorRole.FEED_FORWARD_RESIDUAL, rotation(sliced, after, middle))
                .build();
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
