package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Sampler;
import dev.lathe.gguf.Metadata;
import java.util.List;
import org.junit.jupiter.api.Test;

class GenerationDefaultsTest {
    @Test
    void aFileThatAdvisesNothingLeavesTheSamplerGreedy() {
        GenerationDefaults defaults =
                GenerationDefaults.of(Metadata.builder().uint32("other", 1).build());
        assertEquals(Sampler.greedy().toString(), defaults.sampler().toString());
        assertEquals(List.of(), defaults.endTokens());
    }

    @Test
    void theKeysOfAFileMakeASampler() {
        Metadata metadata = Metadata.builder()
                .float32("general.sampling.temp", 0.5f)
                .uint32("general.sampling.top_k", 40)
                .float32("general.sampling.top_p", 0.75f)
                .float32("general.sampling.min_p", 0.25f)
                .float32("general.sampling.penalty_repeat", 1.25f)
                .uint32("general.sampling.penalty_last_n", 32)
                .uint32("tokenizer.ggml.eos_token_id", 2)
                .uint32("tokenizer.ggml.eot_token_id", 7)
                .build();
        GenerationDefaults defaults = GenerationDefaults.of(metadata);
        assertEquals(
                Sampler.temperature(0.5f)
                        .topK(40)
                        .topP(0.75f)
                        .minP(0.25f)
                        .repetitionPenalty(1.25f)
                        .penaltyWindow(32)
                        .toString(),
                defaults.sampler().toString());
        assertEquals(List.of(2, 7), defaults.endTokens());
    }

    @Test
    void noLimitOfTokensIsNone() {
        Metadata metadata = Metadata.builder()
                .float32("general.sampling.temp", 1)
                .ints("general.sampling.other", 1)
                .uint32("general.sampling.top_k", 0)
                .float32("general.sampling.penalty_repeat", 1)
                .build();
        assertEquals(
                Sampler.temperature(1).toString(),
                GenerationDefaults.of(metadata).sampler().toString());
    }

    @Test
    void adviceThatNoSamplerCanFollowIsNamedWhenItIsAskedFor() {
        Metadata metadata =
                Metadata.builder().float32("general.sampling.top_p", 7).build();
        GenerationDefaults defaults = GenerationDefaults.of(metadata);
        assertTrue(assertThrows(IllegalArgumentException.class, defaults::sampler)
                .getMessage()
                .contains("topP is 7"));
    }
}
