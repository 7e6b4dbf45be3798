package dev.lathe.tools.measure;

import dev.lathe.gguf.GgufWriter;
import dev.lathe.gguf.Metadata;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Files of random weights in the shapes of real models, to measure speed with: what they say is nonsense. */
final class RandomModel {
    /** The sizes of a Llama model with a tied embedding, or of half the layers of OLMoE. */
    enum Shape {
        SMOL135(30, 576, 1536, 9, 3, 64, 49152, 100_000f, 0, 0),
        LLAMA1B(16, 2048, 8192, 32, 8, 64, 128256, 500_000f, 0, 0),
        LLAMA7B(32, 4096, 11008, 32, 32, 128, 32000, 10_000f, 0, 0),
        OLMOE(8, 2048, 1024, 16, 16, 128, 50304, 10_000f, 64, 8);

        private final int layers;
        private final int hiddenSize;
        private final int innerSize;
        private final int headCount;
        private final int keyValueHeadCount;
        private final int headSize;
        private final int vocabularySize;
        private final float ropeTheta;
        private final int expertCount;
        private final int usedExpertCount;

        Shape(
                int layers,
                int hiddenSize,
                int innerSize,
                int headCount,
                int keyValueHeadCount,
                int headSize,
                int vocabularySize,
                float ropeTheta,
                int expertCount,
                int usedExpertCount) {
            this.layers = layers;
            this.hiddenSize = hiddenSize;
            this.innerSize = innerSize;
            this.headCount = headCount;
            this.keyValueHeadCount = keyValueHeadCount;
            this.headSize = headSize;
            this.vocabularySize = vocabularySize;
            this.ropeTheta = ropeTheta;
            this.expertCount = expertCount;
            this.usedExpertCount = usedExpertCount;
        }
    }

    private static final double WEIGHT_DEVIATION = 0.02;
    private static final int CONTEXT_LENGTH = 8192;
    /** Blocks that are written again and again: a prime number, so that neighbouring rows, as of a router, differ. */
    private static final int PATTERN_BLOCKS = 16_381;

    private RandomModel() {}

    static Shape shape(String name) {
        return Shape.valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** Whether weights of a type can be made up. */
    static boolean knows(TensorType type) {
        return switch (type) {
            case F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS -> true;
            default -> false;
        };
    }

    /** The file of this shape and type in the folder, written now if it is not there yet. */
    static Path in(Path folder, String name, TensorType type) throws IOException {
        Path file = folder.resolve(name + "-" + type + ".gguf");
        if (!Files.exists(file)) {
            Files.createDirectories(folder);
            write(file, name, shape(name), type);
        }
        return file;
    }

    private static void write(Path file, String name, Shape s, TensorType type) throws IOException {
        GgufWriter writer = GgufWriter.to(file).metadata(metadata(name, s));
        int attentionSize = s.headCount * s.headSize;
        int keyValueSize = s.keyValueHeadCount * s.headSize;
        matrix(writer, "token_embd", embeddingType(type, s.hiddenSize), s.vocabularySize, s.hiddenSize);
        ones(writer, "output_norm", s.hiddenSize);
        if (s.expertCount > 0) {
            matrix(writer, "output", embeddingType(type, s.hiddenSize), s.vocabularySize, s.hiddenSize);
        }
        for (int layer = 0; layer < s.layers; layer++) {
            String block = "blk." + layer + ".";
            ones(writer, block + "attn_norm", s.hiddenSize);
            ones(writer, block + "ffn_norm", s.hiddenSize);
            matrix(writer, block + "attn_q", type, attentionSize, s.hiddenSize);
            matrix(writer, block + "attn_k", type, keyValueSize, s.hiddenSize);
            matrix(writer, block + "attn_v", type, keyValueSize, s.hiddenSize);
            matrix(writer, block + "attn_output", type, s.hiddenSize, attentionSize);
            if (s.expertCount == 0) {
                matrix(writer, block + "ffn_gate", type, s.innerSize, s.hiddenSize);
                matrix(writer, block + "ffn_up", type, s.innerSize, s.hiddenSize);
                matrix(writer, block + "ffn_down", type, s.hiddenSize, s.innerSize);
            } else {
                ones(writer, block + "attn_q_norm", attentionSize);
                ones(writer, block + "attn_k_norm", keyValueSize);
                matrix(writer, block + "ffn_gate_inp", TensorType.F32, s.expertCount, s.hiddenSize);
                stack(writer, block + "ffn_gate_exps", type, s.expertCount, s.innerSize, s.hiddenSize);
                stack(writer, block + "ffn_up_exps", type, s.expertCount, s.innerSize, s.hiddenSize);
                stack(writer, block + "ffn_down_exps", type, s.expertCount, s.hiddenSize, s.innerSize);
            }
        }
        writer.write();
    }

    /** Quantizers keep the embedding, which is the output matrix too, at 6 or 8 bits. */
    private static TensorType embeddingType(TensorType type, int columns) {
        boolean plain = type.blockSize() == 1 || type == TensorType.Q8_0;
        return plain ? type : columns % 256 == 0 ? TensorType.Q6_K : TensorType.Q8_0;
    }

    /** Rows that are no whole number of large blocks get the nearest type of small ones. */
    private static TensorType fitting(TensorType type, int columns) {
        if (columns % type.blockSize() == 0) {
            return type;
        }
        return switch (type) {
            case Q6_K -> TensorType.Q8_0;
            case Q5_K -> TensorType.Q5_1;
            case Q4_K -> TensorType.Q5_0;
            default -> TensorType.IQ4_NL;
        };
    }

    private static Metadata metadata(String name, Shape s) {
        List<String> pieces = new ArrayList<>();
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b > 32 && b < 127 || b > 160 && b != 173;
            pieces.add(Character.toString(printable ? b : next++));
        }
        pieces.add("aa");
        while (pieces.size() < s.vocabularySize - 1) {
            pieces.add("w" + pieces.size());
        }
        pieces.add("<|endoftext|>");
        int[] kinds = new int[s.vocabularySize];
        Arrays.fill(kinds, 1);
        kinds[s.vocabularySize - 1] = 3;
        String key = s.expertCount > 0 ? "olmoe" : "llama";
        Metadata.Builder metadata = Metadata.builder()
                .string("general.architecture", key)
                .string("general.name", "random " + name)
                .uint32(key + ".block_count", s.layers)
                .uint32(key + ".context_length", CONTEXT_LENGTH)
                .uint32(key + ".embedding_length", s.hiddenSize)
                .uint32(key + ".feed_forward_length", s.innerSize)
                .uint32(key + ".attention.head_count", s.headCount)
                .uint32(key + ".attention.head_count_kv", s.keyValueHeadCount)
                .uint32(key + ".attention.key_length", s.headSize)
                .uint32(key + ".attention.value_length", s.headSize)
                .uint32(key + ".rope.dimension_count", s.headSize)
                .uint32(key + ".vocab_size", s.vocabularySize)
                .float32(key + ".rope.freq_base", s.ropeTheta)
                .float32(key + ".attention.layer_norm_rms_epsilon", 1e-5f)
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "smollm")
                .strings("tokenizer.ggml.tokens", pieces)
                .ints("tokenizer.ggml.token_type", kinds)
                .strings("tokenizer.ggml.merges", List.of("a a"))
                .uint32("tokenizer.ggml.bos_token_id", s.vocabularySize - 1)
                .uint32("tokenizer.ggml.eos_token_id", s.vocabularySize - 1);
        if (s.expertCount > 0) {
            metadata.uint32(key + ".expert_count", s.expertCount).uint32(key + ".expert_used_count", s.usedExpertCount);
        }
        return metadata.build();
    }

    private static void ones(GgufWriter writer, String name, int size) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * size).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < size; i++) {
            bytes.putFloat(1f);
        }
        writer.tensor(name + ".weight", TensorType.F32, List.of((long) size), channel -> channel.write(bytes.rewind()));
    }

    private static void matrix(GgufWriter writer, String name, TensorType wanted, int rows, int columns) {
        tensor(writer, name, fitting(wanted, columns), List.of((long) columns, (long) rows));
    }

    private static void stack(GgufWriter writer, String name, TensorType wanted, int count, int rows, int columns) {
        tensor(writer, name, fitting(wanted, columns), List.of((long) columns, (long) rows, (long) count));
    }

    private static void tensor(GgufWriter writer, String name, TensorType type, List<Long> dimensions) {
        writer.tensor(name + ".weight", type, dimensions, channel -> {
            ByteBuffer pattern = pattern(type, new Random(name.hashCode()));
            long left = type.byteCount(dimensions.stream().reduce(1L, Math::multiplyExact));
            while (left > 0) {
                int part = (int) Math.min(left, pattern.capacity());
                channel.write(pattern.slice(0, part));
                left -= part;
            }
        });
    }

    private static ByteBuffer pattern(TensorType type, Random random) {
        ByteBuffer blocks =
                ByteBuffer.allocate(PATTERN_BLOCKS * type.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
        random.nextBytes(blocks.array());
        for (int at = 0; at < blocks.capacity(); at += type.blockBytes()) {
            scale(type, blocks, at, random);
        }
        return blocks;
    }

    /**
     * Overwrites the scales of a block of random bits so that its weights have about the deviation and mean of real
     * ones. Each type's divisor is the deviation of its integers, inner scales included.
     */
    private static void scale(TensorType type, ByteBuffer b, int at, Random random) {
        switch (type) {
            case F32 -> b.putFloat(at, (float) (WEIGHT_DEVIATION * random.nextGaussian()));
            case F16 -> half(b, at, WEIGHT_DEVIATION * random.nextGaussian());
            case BF16 ->
                b.putShort(
                        at, (short) (Float.floatToIntBits((float) (WEIGHT_DEVIATION * random.nextGaussian())) >> 16));
            case Q4_0 -> half(b, at, WEIGHT_DEVIATION / 4.6);
            case Q5_0 -> half(b, at, WEIGHT_DEVIATION / 9.2);
            case Q8_0 -> half(b, at, WEIGHT_DEVIATION / 74);
            case IQ4_NL, IQ4_XS -> half(b, at, WEIGHT_DEVIATION / (type == TensorType.IQ4_NL ? 70 : 1300));
            case Q4_1 -> scaleAndMinimum(b, at, at + 2, WEIGHT_DEVIATION / 4.6, -7.5);
            case Q5_1 -> scaleAndMinimum(b, at, at + 2, WEIGHT_DEVIATION / 9.2, -15.5);
            case Q2_K -> scaleAndMinimum(b, at + 80, at + 82, WEIGHT_DEVIATION / 15, 1.5);
            case Q3_K -> half(b, at + 108, WEIGHT_DEVIATION / 43);
            case Q4_K -> scaleAndMinimum(b, at, at + 2, WEIGHT_DEVIATION / 240, 7.5);
            case Q5_K -> scaleAndMinimum(b, at, at + 2, WEIGHT_DEVIATION / 480, 15.5);
            case Q6_K -> half(b, at + 208, WEIGHT_DEVIATION / 1370);
            default -> throw new IllegalArgumentException("no random weights of type " + type);
        }
    }

    private static void scaleAndMinimum(ByteBuffer b, int scaleAt, int minimumAt, double scale, double minimum) {
        half(b, scaleAt, scale);
        half(b, minimumAt, scale * minimum);
    }

    private static void half(ByteBuffer b, int at, double value) {
        b.putShort(at, Float.floatToFloat16((float) value));
    }
}
