package dev.lathe.model.decoder;

import dev.lathe.model.ModelWeights;
import dev.lathe.model.NormWeights;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.Arrangement;
import dev.lathe.model.config.AttentionConfig.LatentConfig;
import dev.lathe.model.config.AttentionConfig.ScoreConfig;
import dev.lathe.model.config.ExpertsConfig;
import dev.lathe.model.config.GateFunction;
import dev.lathe.model.config.HeadNorm;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.LayerShapes;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.ModelConfig.EndsConfig;
import dev.lathe.model.config.NormKind;
import dev.lathe.model.config.RopeConfig;
import dev.lathe.model.config.RotaryOrder;
import dev.lathe.model.config.StreamSizes;
import dev.lathe.model.config.TensorRole;
import dev.lathe.model.config.TensorShape;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.LowRankLinear;
import dev.lathe.tensor.RandomWeights;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.TiledLinear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Small decoders of every architecture and odd sizes, the same for the same seed. */
public final class RandomModels {
    /** All but the one that has numbers of its own. */
    private static final GateFunction[] FUNCTIONS =
            EnumSet.complementOf(EnumSet.of(GateFunction.XIELU)).toArray(GateFunction[]::new);

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

    /** Of a layer as given, with plain numbers. */
    public static DecoderModel ofLayer(LayerConfig layer, long seed, Workers workers, Kernels kernels) {
        return new RandomModels(new Random(seed), TensorType.F32, workers, kernels)
                .model(List.of(layer), NormKind.ROOT_MEAN_SQUARE, EndsConfig.PLAIN, false);
    }

    private DecoderModel model(int layerCount, boolean sliced) {
        NormKind norms = NormKind.values()[random.nextInt(NormKind.values().length)];
        List<LayerConfig> layers = new ArrayList<>();
        for (int layer = 0; layer < layerCount; layer++) {
            layers.add(layer(sliced, norms));
        }
        return model(layers, norms, ends(sliced), sliced);
    }

    private DecoderModel model(List<LayerConfig> layers, NormKind norms, EndsConfig ends, boolean sliced) {
        int hidden = 32 * random.nextInt(1, 3);
        StreamSizes sizes = sliced ? sizes(hidden, layers.size()) : StreamSizes.uniform(hidden, layers.size());
        ModelConfig config = new ModelConfig(
                "random",
                random.nextInt(40, 70),
                1024,
                hidden,
                norms,
                1e-5f,
                ends,
                random.nextInt(3) == 0 ? 0.7f : 1,
                layers,
                sizes,
                0);
        TiledLinear embedding = tiled(config.vocabularySize(), hidden);
        WeightGroup.Builder global = WeightGroup.builder()
                .matrix(TensorRole.EMBEDDING, embedding)
                .matrix(TensorRole.EMBEDDING_ROTATION, rotation(sliced, sizes.beforeAttention(0), hidden))
                .matrix(TensorRole.HEAD, head(config, embedding, sliced))
                .norm(TensorRole.FINAL_NORM, norm(config, sizes.last()))
                .bias(TensorRole.HEAD, vector(random.nextInt(4) == 0, config.vocabularySize()));
        if (config.ends().learnedPositions()) {
            global.matrix(TensorRole.POSITION_EMBEDDING, tiled(config.contextLength(), hidden));
        }
        if (config.ends().embeddingNorm()) {
            global.norm(TensorRole.EMBEDDING_NORM, norm(config, hidden));
        }
        List<WeightGroup> groups = new ArrayList<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            groups.add(group(config, layer, sliced));
        }
        return DecoderModel.of(config, new ModelWeights(global.build(), groups), workers, kernels);
    }

    private EndsConfig ends(boolean sliced) {
        EndsConfig ends = EndsConfig.PLAIN;
        if (random.nextInt(4) == 0) {
            ends = ends.embeddingScale(2).logitScale(0.5).logitCap(3);
        }
        if (!sliced && random.nextInt(4) == 0) {
            ends = random.nextBoolean() ? ends.positioned() : ends.normed();
        }
        return ends;
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

    /** Heads that fill no vector, windows smaller than a text, values longer or shorter than keys; every arrangement. */
    private LayerConfig layer(boolean sliced, NormKind norms) {
        int keyValueHeads = random.nextInt(1, 4);
        boolean quantized = type == TensorType.Q8_0;
        int valueSize = quantized ? 32 : random.nextInt(1, 40);
        int keySize = 2 * random.nextInt(1, 20);
        int heads = keyValueHeads * random.nextInt(1, 6);
        int window = random.nextInt(3) == 0 ? random.nextInt(1, 40) : 0;
        LayerConfig.Builder layer = LayerConfig.builder(heads, keyValueHeads, keySize, valueSize)
                .slidingWindow(window)
                .chunk(window == 0 && random.nextInt(4) == 0 ? random.nextInt(1, 40) : 0)
                .rotaryOrder(any(RotaryOrder.values()))
                .headNorm(any(HeadNorm.values()))
                .feedForwardSize(quantized ? 32 * random.nextInt(1, 5) : random.nextInt(8, 140));
        if (random.nextInt(5) > 0) {
            int rotated = 2 * random.nextInt(1, keySize / 2 + 1);
            layer.rope(new RopeConfig(rotated, 10_000, new RopeConfig.Scaling.None()));
        }
        GateFunction function = any(FUNCTIONS);
        if (function != GateFunction.CLAMPED_SILU && random.nextInt(3) == 0) {
            layer.ungated(function);
        } else {
            layer.gated(function);
        }
        if (random.nextInt(4) == 0) {
            layer.scores(new ScoreConfig(
                    random.nextInt(0, 3), random.nextInt(2) * 8, random.nextBoolean(), 0.3f, 7, random.nextInt(2)));
        }
        Arrangement[] arrangements = {
            Arrangement.NORMS_BEFORE,
            Arrangement.NORMS_BEFORE_AND_AFTER,
            Arrangement.NORMS_AFTER,
            Arrangement.PARALLEL,
            Arrangement.parallel(TensorRole.ATTENTION_NORM_2, TensorRole.ATTENTION_NORM)
        };
        layer.arrangement(arrangements[random.nextInt(sliced ? 3 : arrangements.length)]);
        if (!sliced && random.nextInt(3) == 0) {
            int count = random.nextInt(1, 4) * 2;
            int used = random.nextInt(1, count / 2 + 1);
            layer.gated(function)
                    .experts(
                            new ExpertsConfig(
                                    count,
                                    used,
                                    any(ExpertsConfig.Scoring.values()),
                                    random.nextBoolean(),
                                    1.5f,
                                    random.nextBoolean() ? 2 : 1,
                                    1,
                                    random.nextBoolean() ? 32 : 0,
                                    random.nextBoolean(),
                                    random.nextInt(4) == 0),
                            quantized ? 32 : random.nextInt(8, 60));
        }
        if (!sliced && random.nextInt(5) == 0) {
            int rank = quantized ? 32 : random.nextInt(4, 40);
            layer.scores(ScoreConfig.PLAIN)
                    .rope(new RopeConfig(8, 10_000, new RopeConfig.Scaling.None()))
                    .latent(new LatentConfig(random.nextBoolean() ? 32 : 0, rank, quantized ? 32 : 12, valueSize), 8);
        }
        return layer.build();
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private WeightGroup group(ModelConfig config, int index, boolean sliced) {
        boolean bias = random.nextBoolean();
        WeightGroup.Builder group = WeightGroup.builder();
        for (TensorShape shape : LayerShapes.of(config, index)) {
            TensorRole role = shape.role();
            int size = shape.count() * shape.rows();
            switch (shape.kind()) {
                case MATRIX ->
                    group.matrix(role, matrix(shape.rows(), shape.columns())).bias(role, vector(bias, size));
                case STACK ->
                    group.stack(
                                    role,
                                    Stream.generate(() -> tiled(shape.rows(), shape.columns()))
                                            .limit(shape.count())
                                            .toList())
                            .bias(role, vector(bias, size));
                case NORM -> group.norm(role, norm(config, size));
                case VECTOR -> group.vector(role, norm(size));
                case GAINS -> group.vector(role, bias ? norm(size) : WeightGroup.NONE);
                case BIAS -> group.bias(role, vector(bias, size));
                case RESIDUAL -> group.matrix(role, rotation(sliced, shape.rows(), shape.columns()));
            }
        }
        return group.build();
    }

    private NormWeights norm(ModelConfig config, int size) {
        boolean shifted = config.norms().isLayerNorm() && size == config.hiddenSize();
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
        return RandomWeights.pack(type, rows, columns, bytes, kernels);
    }

    /** Random tokens of a model's vocabulary. */
    public static int[] tokens(DecoderModel model, int count, Random random) {
        return random.ints(count, 0, model.vocabularySize()).toArray();
    }
}
