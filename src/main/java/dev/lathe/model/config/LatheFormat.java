package dev.lathe.model.config;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import java.util.Optional;

/**
 * GGUF files of models that no longer have the shape of their architecture. Their {@code general.architecture} is {@value
 * #ARCHITECTURE}, so that other programs refuse them at once; whatever still has its architecture's shape keeps that name.
 *
 * <p>All keys of the base architecture stay as they were, with its prefix: {@code llama.block_count} and so on. {@code
 * embedding_length} remains the length of the unsliced residual stream, by which every norm divides. These keys join them:
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><td>{@value #VERSION_KEY}</td><td>uint32, {@value #VERSION}; readers refuse higher ones</td></tr>
 * <tr><td>{@value #BASE_KEY}</td><td>string, the architecture that the model had</td></tr>
 * <tr><td>{@value #SIZES_KEY}</td><td>array of int32, {@link StreamSizes}: lengths of the residual stream after the embedding,
 * and for each layer after its attention and after its feed-forward part; absent where all are {@code embedding_length}</td></tr>
 * </table>
 *
 * <p>{@value #THRESHOLDS_KEY} may stand in files of any architecture, since programs that do not know it compute with all
 * elements: an array of float32, for each layer the {@linkplain FeedForwardConfig#inputThreshold threshold} of what its dense
 * feed-forward part reads, and the {@linkplain FeedForwardConfig#innerThreshold one} of what its last matrix reads. So may
 * {@value #GATE_THRESHOLDS_KEY}: for each layer the {@linkplain FeedForwardConfig#gateThreshold one} of its gate.
 *
 * <p>Tensors have the architecture's names. A matrix of [out x in] has the dimensions [in, out]; these stand beside others or in
 * their place:
 *
 * <table>
 * <caption>Tensors</caption>
 * <tr><td>{@code NAME.in.weight} [rank x in], {@code NAME.out.weight} [out x rank]</td><td>the factors of {@code NAME.weight},
 * for every matrix of a layer and for {@code output}; of experts [rank x in x experts] and [out x rank x experts]</td></tr>
 * <tr><td>{@code NAME.blocks.weight} [64 * present x block columns], {@code NAME.block_mask} I8 [stripes x blocks]</td><td>the
 * present blocks of {@code NAME.weight}, for every matrix of a layer: {@link dev.lathe.tensor.BlockMask}; a mask of ones and
 * zeros, a stripe of 64 rows a line, and the blocks that are present one below the other, their rows beyond the matrix zero</td></tr>
 * <tr><td>{@code NAME.kept_values} F16 [out x kept], {@code NAME.kept_columns} I8 [out x kept / 4]</td><td>1 to 3 of every four
 * neighbouring weights of a row of {@code NAME.weight}: the weights, and for each its column in its group, two bits, lowest
 * first: {@link dev.lathe.tensor.GroupSparseLinear}</td></tr>
 * <tr><td>{@code NAME.frequent.weight}, {@code NAME.rare.weight} [out x in x some experts], {@code NAME.rare_experts} I8
 * [experts]</td><td>the experts of {@code NAME.weight}, each in one of two tensors, which may differ in type: zeros for those in the
 * first, ones for those in the second, in their order</td></tr>
 * <tr><td>{@code blk.N.attn_shortcut.weight} [after attention x before]</td><td>what the residual stream is multiplied with where
 * attention adds to it; there exactly where the lengths differ or a rotation demands it</td></tr>
 * <tr><td>{@code blk.N.ffn_shortcut.weight} [after feed-forward x before]</td><td>the same of the feed-forward part</td></tr>
 * <tr><td>{@code token_embd_rotation.weight} [first length x embedding length]</td><td>what each row of the embedding table is
 * multiplied with; the table keeps its rows of {@code embedding_length}</td></tr>
 * <tr><td>{@code output_rotation.weight} [embedding length x last length]</td><td>what the normed last rows are multiplied with
 * before the table or the head of {@code embedding_length}</td></tr>
 * <tr><td>{@code output.bias} [vocabulary]</td><td>what is added to the logits</td></tr>
 * </table>
 *
 * <p>In architectures of layer norms, a norm without its {@code .bias} is a root mean square norm: its mean and its shift are in the
 * matrices around it. The others stay as they were.
 */
public final class LatheFormat {
    /** The value of {@code general.architecture}. */
    public static final String ARCHITECTURE = "lathe";
    /** The format's version, a uint32. */
    public static final String VERSION_KEY = "lathe.format_version";
    /** The architecture that the model had. */
    public static final String BASE_KEY = "lathe.base_architecture";
    /** Lengths of the residual stream. */
    public static final String SIZES_KEY = "lathe.stream_lengths";
    /** Below which magnitude elements that feed-forward parts read count as zero. */
    public static final String THRESHOLDS_KEY = "lathe.feed_forward_thresholds";
    /** Below which magnitude functions of gates make neurons inactive. */
    public static final String GATE_THRESHOLDS_KEY = "lathe.gate_thresholds";
    /** The version described here. */
    public static final int VERSION = 1;

    private static final String ARCHITECTURE_KEY = "general.architecture";

    private LatheFormat() {}

    /** The name of the factor that reads the input of a matrix such as {@code blk.0.ffn_up.weight}. */
    public static String inFactor(String matrix) {
        return beforeSuffix(matrix, ".in");
    }

    /** The name of the factor that writes the output of a matrix. */
    public static String outFactor(String matrix) {
        return beforeSuffix(matrix, ".out");
    }

    /** The name of the present blocks of a matrix. */
    public static String blocks(String matrix) {
        return beforeSuffix(matrix, ".blocks");
    }

    /** The name of the mask that says which blocks of a matrix are present. */
    public static String blockMask(String matrix) {
        return stem(matrix) + ".block_mask";
    }

    /** The name of the weights kept of every group of a matrix's columns. */
    public static String keptValues(String matrix) {
        return stem(matrix) + ".kept_values";
    }

    /** The name of the columns of the weights that were kept. */
    public static String keptColumns(String matrix) {
        return stem(matrix) + ".kept_columns";
    }

    /** The name of those of a tensor's experts that are chosen often. */
    public static String frequentExperts(String tensor) {
        return beforeSuffix(tensor, ".frequent");
    }

    /** The name of those of a tensor's experts that are chosen rarely. */
    public static String rareExperts(String tensor) {
        return beforeSuffix(tensor, ".rare");
    }

    /** The name of the mask that says which of a tensor's experts are chosen rarely. */
    public static String rareExpertMask(String tensor) {
        return stem(tensor) + ".rare_experts";
    }

    private static String stem(String matrix) {
        return matrix.substring(0, matrix.length() - ".weight".length());
    }

    private static String beforeSuffix(String matrix, String part) {
        return stem(matrix) + part + ".weight";
    }

    /** Whether the metadata are of a model that left its architecture's shape. */
    public static boolean isShaped(Metadata metadata) {
        return metadata.findString(ARCHITECTURE_KEY).equals(Optional.of(ARCHITECTURE));
    }

    /**
     * The architecture by which the other keys are named.
     *
     * @throws GgufException if it is missing, or the format's version is not known
     */
    public static String baseArchitecture(Metadata metadata) {
        if (!isShaped(metadata)) {
            return metadata.string(ARCHITECTURE_KEY);
        }
        int version = metadata.intValue(VERSION_KEY);
        if (version != VERSION) {
            throw new GgufException(
                    VERSION_KEY + " is " + version + ": this version of Lathe reads " + VERSION + "; take a newer one",
                    -1);
        }
        return metadata.string(BASE_KEY);
    }

    /** The metadata of a model that leaves its architecture's shape, if it had not yet. */
    public static Metadata leaveShape(Metadata metadata) {
        if (isShaped(metadata)) {
            return metadata;
        }
        return metadata.toBuilder()
                .string(ARCHITECTURE_KEY, ARCHITECTURE)
                .uint32(VERSION_KEY, VERSION)
                .string(BASE_KEY, metadata.string(ARCHITECTURE_KEY))
                .build();
    }

    /** The metadata of a model with other lengths of the residual stream. */
    public static Metadata withSizes(Metadata metadata, StreamSizes sizes) {
        return leaveShape(metadata).toBuilder()
                .ints(
                        SIZES_KEY,
                        sizes.sizes().stream().mapToInt(Integer::intValue).toArray())
                .build();
    }

    /** The metadata of a model with thresholds in its feed-forward parts, two for each layer. */
    public static Metadata withThresholds(Metadata metadata, float... thresholds) {
        return metadata.toBuilder().floats(THRESHOLDS_KEY, thresholds).build();
    }

    /**
     * The thresholds of feed-forward parts, two for each layer; zeros where there are none.
     *
     * @throws GgufException if they are of another number of layers
     */
    public static float[] thresholds(Metadata metadata, int layers) {
        return thresholds(metadata, THRESHOLDS_KEY, layers, 2);
    }

    /** The metadata of a model with thresholds of its gates, one for each layer. */
    public static Metadata withGateThresholds(Metadata metadata, float... thresholds) {
        return metadata.toBuilder().floats(GATE_THRESHOLDS_KEY, thresholds).build();
    }

    /**
     * The thresholds of gates, one for each layer; zeros where there are none.
     *
     * @throws GgufException if they are of another number of layers
     */
    public static float[] gateThresholds(Metadata metadata, int layers) {
        return thresholds(metadata, GATE_THRESHOLDS_KEY, layers, 1);
    }

    private static float[] thresholds(Metadata metadata, String key, int layers, int ofLayer) {
        float[] thresholds = metadata.findFloats(key).orElseGet(() -> new float[ofLayer * layers]);
        if (thresholds.length != (long) ofLayer * layers) {
            throw new GgufException(
                    key + " has " + thresholds.length + " entries for " + layers + " blocks, expected "
                            + (long) ofLayer * layers,
                    -1);
        }
        return thresholds;
    }

    /**
     * The lengths of the residual stream.
     *
     * @throws GgufException if they do not describe so many layers
     */
    public static StreamSizes sizes(Metadata metadata, int hiddenSize, int layers) {
        Optional<int[]> sizes = isShaped(metadata) ? metadata.findInts(SIZES_KEY) : Optional.empty();
        if (sizes.isEmpty()) {
            return StreamSizes.uniform(hiddenSize, layers);
        }
        if (sizes.get().length != 2L * layers + 1) {
            throw new GgufException(
                    SIZES_KEY + " has " + sizes.get().length + " entries for " + layers + " blocks, expected "
                            + (2L * layers + 1),
                    -1);
        }
        for (int size : sizes.get()) {
            if (size < 1 || size > hiddenSize) {
                throw new GgufException(
                        SIZES_KEY + " has the entry " + size + ", expected from 1 to the embedding_length "
                                + hiddenSize,
                        -1);
            }
        }
        return new StreamSizes(java.util.Arrays.stream(sizes.get()).boxed().toList());
    }
}
