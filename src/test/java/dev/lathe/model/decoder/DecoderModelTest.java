package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.model.ModelWeights;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files whose tensors do not make the model that their keys describe. */
@OnEveryKernelSet
class DecoderModelTest {
    private static final Path SOUND = Path.of("src/test/resources/models/gemma3-tiny.gguf");

    @TempDir
    private Path folder;

    private void assertRejected(
            String part, UnaryOperator<Metadata.Builder> change, Predicate<String> kept, String added)
            throws IOException {
        Path broken = folder.resolve("broken.gguf");
        try (GgufFile sound = GgufFile.open(SOUND)) {
            GgufWriter writer = GgufWriter.to(broken)
                    .metadata(change.apply(sound.metadata().toBuilder()).build());
            for (TensorInfo tensor : sound.tensors()) {
                if (kept.test(tensor.name())) {
                    writer.tensor(
                            tensor.name(), tensor.type(), tensor.dimensions(), GgufWriter.Content.of(sound, tensor));
                }
            }
            if (added != null) {
                writer.tensor(
                        added, TensorType.I8, List.of(32L), channel -> channel.write(java.nio.ByteBuffer.allocate(32)));
            }
            writer.write();
        }
        try (GgufFile file = GgufFile.open(broken)) {
            GgufException problem = assertThrows(
                    GgufException.class, () -> DecoderModel.load(file, Workers.single(), KernelChoice.best()));
            assertTrue(problem.getMessage().contains(part), problem.getMessage());
        }
    }

    private void assertRejected(String part, UnaryOperator<Metadata.Builder> change) throws IOException {
        assertRejected(part, change, name -> true, null);
    }

    @Test
    void namesTheTensorWhoseShapeIsWrong() throws IOException {
        assertRejected(
                "token_embd.weight has dimensions [32, 128], the file's metadata demands [33, 128]",
                keys -> keys.uint32("gemma3.embedding_length", 33));
        assertRejected(
                "blk.0.ffn_gate.weight has dimensions [32, 40], the file's metadata demands [32, 41]",
                keys -> keys.uint32("gemma3.feed_forward_length", 41));
        assertRejected("blk.0.attn_v.weight", keys -> keys.uint32("gemma3.attention.value_length", 24));
        assertRejected("blk.0.attn_k.weight", keys -> keys.uint32("gemma3.attention.head_count_kv", 2));
        assertRejected("blk.0.attn_q.weight", keys -> keys.uint32("gemma3.attention.key_length", 16));
    }

    @Test
    void namesTheTensorThatIsMissingOrUnknown() throws IOException {
        assertRejected("blk.8.attn_norm.weight is missing", keys -> keys.uint32("gemma3.block_count", 9));
        assertRejected("tensor blk.7.attn_norm.weight is no part", keys -> keys.uint32("gemma3.block_count", 7));
        assertRejected(
                "blk.2.post_ffw_norm.weight is missing",
                keys -> keys,
                name -> !name.equals("blk.2.post_ffw_norm.weight"),
                null);
        assertRejected("token_embd.weight is missing", keys -> keys, name -> !name.startsWith("token_embd"), null);
        assertRejected("blk.0.attn_sinks.weight is no part", keys -> keys, name -> true, "blk.0.attn_sinks.weight");
    }

    @Test
    void namesTheTensorWhoseTypeCannotBeUsed() throws IOException {
        assertRejected(
                "output_norm.weight has type I8, expected one of [F32, F16, BF16]",
                keys -> keys,
                name -> !name.equals("output_norm.weight"),
                "output_norm.weight");
    }

    @Test
    void refusesWeightsOfAnotherNumberOfBlocks() throws IOException {
        try (GgufFile file = GgufFile.open(SOUND)) {
            DecoderModel model = DecoderModel.load(file, Workers.single(), KernelChoice.best());
            ModelWeights weights = model.weights();
            ModelWeights shorter =
                    new ModelWeights(weights.global(), weights.layers().subList(0, 3));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> DecoderModel.of(model.config(), shorter, Workers.single(), KernelChoice.best()));
        }
    }
}
