package dev.lathe.compress;

import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.model.decoder.DecoderModel;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Models of a few thousand random weights in memory, to transform. */
public final class ToyFiles {
    public static final int VOCABULARY = 50;
    public static final int HIDDEN = 24;
    public static final int LAYERS = 3;
    public static final int INNER = 40;
    public static final int HEAD = 8;
    public static final int HEADS = 4;
    public static final int KEY_VALUE_HEADS = 2;

    private ToyFiles() {}

    /** A source without tensors. */
    private record Empty(Metadata metadata) implements TensorSource {
        @Override
        public List<TensorInfo> tensors() {
            return List.of();
        }

        @Override
        public Optional<TensorInfo> tensor(String name) {
            return Optional.empty();
        }

        @Override
        public MemorySegment map(TensorInfo tensor, long byteOffset, long byteCount, Arena arena) {
            throw new AssertionError();
        }
    }

    /** Random weights of float32; qwen2 and starcoder2 have biases, and starcoder2 has layer norms and no gates. */
    public static ModelEdit model(String architecture, boolean tied, long seed) {
        Random random = new Random(seed);
        String key = architecture + ".";
        boolean layerNorms = architecture.equals("starcoder2");
        boolean biases = layerNorms || architecture.equals("qwen2");
        ModelEdit model = new ModelEdit(new Empty(Metadata.builder()
                .string("general.architecture", architecture)
                .uint32(key + "block_count", LAYERS)
                .uint32(key + "context_length", 64)
                .uint32(key + "embedding_length", HIDDEN)
                .uint32(key + "feed_forward_length", INNER)
                .uint32(key + "attention.head_count", HEADS)
                .uint32(key + "attention.head_count_kv", KEY_VALUE_HEADS)
                .uint32(key + "attention.key_length", HEAD)
                .uint32(key + "attention.value_length", HEAD)
                .float32(
                        key + (layerNorms ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"), 1e-5f)
                .build()));
        matrix(model, "token_embd.weight", VOCABULARY, HIDDEN, random);
        norm(model, "output_norm", layerNorms, random);
        if (!tied) {
            matrix(model, "output.weight", VOCABULARY, HIDDEN, random);
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "blk." + layer + ".";
            norm(model, prefix + "attn_norm", layerNorms, random);
            matrix(model, prefix + "attn_q.weight", HEADS * HEAD, HIDDEN, random);
            matrix(model, prefix + "attn_k.weight", KEY_VALUE_HEADS * HEAD, HIDDEN, random);
            matrix(model, prefix + "attn_v.weight", KEY_VALUE_HEADS * HEAD, HIDDEN, random);
            matrix(model, prefix + "attn_output.weight", HIDDEN, HEADS * HEAD, random);
            norm(model, prefix + "ffn_norm", layerNorms, random);
            if (!layerNorms) {
                matrix(model, prefix + "ffn_gate.weight", INNER, HIDDEN, random);
            }
            matrix(model, prefix + "ffn_up.weight", INNER, HIDDEN, random);
            matrix(model, prefix + "ffn_down.weight", HIDDEN, INNER, random);
            if (biases) {
                model.putVector(prefix + "attn_q.bias", vector(HEADS * HEAD, random));
                model.putVector(prefix + "attn_k.bias", vector(KEY_VALUE_HEADS * HEAD, random));
                model.putVector(prefix + "attn_v.bias", vector(KEY_VALUE_HEADS * HEAD, random));
                model.putVector(prefix + "attn_output.bias", vector(HIDDEN, random));
                model.putVector(prefix + "ffn_down.bias", vector(HIDDEN, random));
            }
            if (layerNorms) {
                model.putVector(prefix + "ffn_up.bias", vector(INNER, random));
            }
        }
        return model;
    }

    /** A matrix whose singular values fall off, as those of trained models do. */
    private static void matrix(ModelEdit model, String name, int rows, int columns, Random random) {
        FloatMatrix matrix = FloatMatrix.zeros(rows, columns);
        for (int term = 0; term < Math.min(rows, columns); term++) {
            float[] left = vector(rows, random);
            float[] right = vector(columns, random);
            float scale = (float) Math.pow(0.85, term) * 4 / columns;
            for (int i = 0; i < rows * columns; i++) {
                matrix.data()[i] += scale * left[i / columns] * right[i % columns];
            }
        }
        model.putMatrix(name, matrix);
    }

    private static void norm(ModelEdit model, String name, boolean shifted, Random random) {
        float[] weight = vector(HIDDEN, random);
        for (int i = 0; i < weight.length; i++) {
            weight[i] = 1 + weight[i] / 3;
        }
        model.putVector(name + ".weight", weight);
        if (shifted) {
            model.putVector(name + ".bias", vector(HIDDEN, random));
        }
    }

    private static float[] vector(int size, Random random) {
        float[] vector = new float[size];
        for (int i = 0; i < size; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        return vector;
    }

    public static List<int[]> texts(int count, int length, long seed) {
        Random random = new Random(seed);
        int[][] texts = new int[count][];
        Arrays.setAll(texts, i -> random.ints(length, 0, VOCABULARY).toArray());
        return List.of(texts);
    }

    public static TransformContext context(List<int[]> texts) {
        return TransformContext.of(texts, Workers.single());
    }

    /** Logits of all positions [tokens x vocabulary]. */
    public static float[] logits(TensorSource source, int... text) {
        try (DecoderModel model = DecoderModel.load(source, Workers.single());
                InferenceState state = model.newState(text.length, CacheType.F32)) {
            FloatMatrix logits = state.forward(TokenBatch.allLogits(text));
            return Arrays.copyOf(logits.data(), text.length * logits.columns());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What comes back from a file. */
    public static float[] logitsOfFile(TensorSource source, java.nio.file.Path file, int... text) throws IOException {
        GgufWriter.to(file).copyOf(source).write();
        try (GgufFile saved = GgufFile.open(file)) {
            return logits(saved, text);
        }
    }

    /** Root mean square of the difference over that of what is expected. */
    public static double relativeError(float[] expected, float[] actual) {
        double error = 0;
        double square = 0;
        for (int i = 0; i < expected.length; i++) {
            error += Math.pow((double) expected[i] - actual[i], 2);
            square += Math.pow(expected[i], 2);
        }
        return Math.sqrt(error / square);
    }
}
