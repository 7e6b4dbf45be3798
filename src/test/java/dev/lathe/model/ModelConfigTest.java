package dev.lathe.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.PrimitiveArray;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.RopeConfig;
import dev.lathe.model.config.RopeConfig.Scaling;
import dev.lathe.model.family.Families;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
    private static Metadata.Builder keys(String architecture) {
        return Metadata.builder()
                .string("general.architecture", architecture)
                .uint32(architecture + ".block_count", 8)
                .uint32(architecture + ".context_length", 2048)
                .uint32(architecture + ".embedding_length", 96)
                .uint32(architecture + ".feed_forward_length", 200)
                .uint32(architecture + ".attention.head_count", 6)
                .uint32(architecture + ".attention.head_count_kv", 2)
                .float32(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f);
    }

    private static ModelConfig read(String architecture, UnaryOperator<Metadata.Builder> change) {
        return Families.describe(change.apply(keys(architecture)).build(), 100);
    }

    private static void assertRejected(String part, String architecture, UnaryOperator<Metadata.Builder> change) {
        GgufException problem = assertThrows(GgufException.class, () -> read(architecture, change));
        assertTrue(problem.getMessage().contains(part), problem.getMessage());
    }

    @Test
    void sizesComeFromTheHeadsUnlessTheFileSaysOtherwise() {
        LayerConfig plain = read("llama", keys -> keys).layers().getLast();
        assertEquals(16, plain.keySize());
        assertEquals(16, plain.valueSize());
        assertEquals(
                new RopeConfig(16, 10_000, new Scaling.None()),
                plain.attention().rope().orElseThrow());
        assertEquals(0.25f, plain.attentionScale());
        assertEquals(3, plain.groupSize());
        LayerConfig own = read(
                        "qwen3",
                        keys -> keys.uint32("qwen3.attention.key_length", 64)
                                .uint32("qwen3.attention.value_length", 32)
                                .uint32("qwen3.rope.dimension_count", 40)
                                .float32("qwen3.rope.freq_base", 1e6f))
                .layers()
                .getFirst();
        assertEquals(64, own.keySize());
        assertEquals(32, own.valueSize());
        assertEquals(
                new RopeConfig(40, 1e6, new Scaling.None()),
                own.attention().rope().orElseThrow());
    }

    @Test
    void missingKeyValueHeadsAreAsManyAsHeads() {
        ModelConfig config = read("llama", keys -> keys.remove("llama.attention.head_count_kv"));
        assertEquals(6, config.layers().getFirst().keyValueHeadCount());
    }

    @Test
    void listsGiveEachBlockItsOwnSizes() {
        ModelConfig config = read(
                "llama",
                keys -> keys.ints("llama.attention.head_count_kv", 1, 2, 3, 6, 1, 2, 3, 6)
                        .ints("llama.feed_forward_length", 10, 20, 30, 40, 50, 60, 70, 80));
        assertEquals(3, config.layers().get(2).keyValueHeadCount());
        assertEquals(80, config.layers().get(7).feedForwardSize());
        assertRejected("has 2 entries for 8 blocks", "llama", keys -> keys.ints("llama.feed_forward_length", 1, 2));
    }

    @Test
    void gemma3SlidesInFiveOfSixBlocksWithABaseOfTheirOwn() {
        ModelConfig config = read(
                "gemma3",
                keys -> keys.uint32("gemma3.attention.sliding_window", 512)
                        .float32("gemma3.rope.freq_base", 1e6f)
                        .string("gemma3.rope.scaling.type", "linear")
                        .float32("gemma3.rope.scaling.factor", 8));
        List<Integer> windows =
                config.layers().stream().map(LayerConfig::slidingWindow).toList();
        assertEquals(List.of(512, 512, 512, 512, 512, 0, 512, 512), windows);
        assertEquals(
                new RopeConfig(16, 10_000, new Scaling.None()),
                config.layers().get(4).attention().rope().orElseThrow());
        assertEquals(
                new RopeConfig(16, 1e6, new Scaling.Linear(8)),
                config.layers().get(5).attention().rope().orElseThrow());
        assertEquals((float) Math.sqrt(96), config.ends().embeddingScale());
    }

    @Test
    void aFileCanNameItsSlidingBlocks() {
        ModelConfig every = read(
                "gemma3",
                keys -> keys.uint32("gemma3.attention.sliding_window", 5)
                        .uint32("gemma3.attention.sliding_window_pattern", 2));
        assertEquals(5, every.layers().get(0).slidingWindow());
        assertEquals(0, every.layers().get(1).slidingWindow());
        ModelConfig listed = read(
                "gemma3",
                keys -> keys.uint32("gemma3.attention.sliding_window", 5)
                        .put(
                                "gemma3.attention.sliding_window_pattern",
                                PrimitiveArray.of(false, true, false, false, false, false, false, true)));
        assertEquals(0, listed.layers().get(0).slidingWindow());
        assertEquals(5, listed.layers().get(1).slidingWindow());
        assertEquals(5, listed.layers().get(7).slidingWindow());
    }

    @Test
    void theLargestGemma3ScalesByItsHiddenSize() {
        ModelConfig config = read(
                "gemma3",
                keys -> keys.uint32("gemma3.block_count", 62)
                        .uint32("gemma3.embedding_length", 5376)
                        .uint32("gemma3.attention.head_count", 32)
                        .uint32("gemma3.attention.key_length", 128));
        assertEquals((float) (1 / Math.sqrt(168)), config.layers().getFirst().attentionScale());
    }

    @Test
    void readsRotaryScaling() {
        Scaling yarn = read(
                        "llama",
                        keys -> keys.string("llama.rope.scaling.type", "yarn")
                                .float32("llama.rope.scaling.factor", 4)
                                .uint32("llama.rope.scaling.original_context_length", 512))
                .layers()
                .getFirst()
                .attention()
                .rope()
                .orElseThrow()
                .scaling();
        assertEquals(new Scaling.Yarn(4, 512, 32, 1, true, 0, 1), yarn);
        Scaling none = read(
                        "llama",
                        keys -> keys.string("llama.rope.scaling.type", "none").float32("llama.rope.scaling.factor", 4))
                .layers()
                .getFirst()
                .attention()
                .rope()
                .orElseThrow()
                .scaling();
        assertEquals(new Scaling.None(), none);
        assertRejected("'dynamic'", "llama", keys -> keys.string("llama.rope.scaling.type", "dynamic"));
        assertRejected("factor must be positive", "llama", keys -> keys.float32("llama.rope.scaling.factor", -1));
    }

    @ParameterizedTest
    @CsvSource({
        "block_count, 0, expected 1 to 4096",
        "block_count, 4294967295, block_count",
        "embedding_length, 0, embedding_length must be positive",
        "context_length, 0, context length must be positive",
        "feed_forward_length, 0, feed-forward size must be positive",
        "attention.head_count, 0, head_count must be positive",
        "attention.head_count, 3, 3 heads cannot share 2",
        "attention.head_count_kv, 0, key-value head count must be positive",
        "attention.head_count_kv, 4, 6 heads cannot share 4",
        "attention.key_length, 0, rotary dimensions must be positive",
        "attention.key_length, 2000000000, overflow",
        "rope.dimension_count, 7, must be positive and even",
        "rope.dimension_count, 32, do not fit in heads of 16",
        "expert_count, 8, number of experts used",
    })
    void rejectsWrongSizesAndNamesThem(String key, long value, String part) {
        assertRejected(part, "llama", keys -> keys.uint32("llama." + key, value));
    }

    @Test
    void rejectsWhatItCannotRun() {
        assertRejected("'mamba' cannot be run; supported: llama, qwen, qwen2, ", "mamba", keys -> keys);
        assertRejected(
                "final_logit_softcapping is set", "gemma3", keys -> keys.float32("gemma3.final_logit_softcapping", 30));
        assertRejected("rope.freq_base", "llama", keys -> keys.string("llama.rope.freq_base", "big"));
        assertRejected("epsilon", "llama", keys -> keys.float32("llama.attention.layer_norm_rms_epsilon", Float.NaN));
        assertRejected("block_count", "llama", keys -> keys.remove("llama.block_count"));
    }
}
