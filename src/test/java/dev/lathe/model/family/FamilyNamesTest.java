package dev.lathe.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which architectures there are, and what is said of the others. */
class FamilyNamesTest {
    /** Those that llama.cpp names (LLM_ARCH_NAMES of llama-cpp-python 0.3.36's). */
    private static final String OF_LLAMA_CPP = """
            clip llama llama4 deci falcon grok gpt2 gptj gptneox mpt baichuan starcoder refact bert modern-bert
            nomic-bert nomic-bert-moe neo-bert jina-bert-v2 jina-bert-v3 eurobert bloom stablelm qwen qwen2 qwen2moe
            qwen2vl qwen3 qwen3moe qwen3next qwen3vl qwen3vlmoe qwen35 qwen35moe qwen4exp phi2 phi3 phimoe plamo
            plamo2 plamo3 codeshell orion internlm2 minicpm minicpm3 gemma gemma2 gemma3 gemma3n gemma4
            gemma4-assistant gemma-embedding starcoder2 mamba mamba2 maple jamba falcon-h1 xverse command-r cohere2
            cohere2moe dbrx olmo olmo2 olmoe muse-glimmer openelm arctic deepseek deepseek2 deepseek2-ocr deepseek32
            deepseek4 chatglm glm4 glm4moe glm-dsa bitnet t5 t5encoder jais jais2 nemotron nemotron_h nemotron_h_moe
            exaone exaone4 exaone-moe rwkv6 rwkv6qwen2 rwkv7 arwkv7 granite granitemoe granitehybrid graniteswitch
            granite_swa chameleon wavtokenizer-dec plm bailingmoe bailingmoe2 bailingmoe3 dots1 dots3note arcee afmoe
            laguna ernie4_5 ernie4_5-moe hunyuan-moe hunyuan-dense hunyuan_vl hy_v3 hy_v4 smollm3 gpt-oss lfm2
            lfm2moe dream smallthinker llada llada-moe seed_oss grovemoe apertus minimax-01 hrm_text minimax-m2
            minimax-m3 cogvlm rnd1 pangu-embedded mistral3 eagle3 dflash mistral4 paddleocr mimo2 step35 spark2_5
            llama-embed maincoder kimi-linear kimi-k3 glm5-next talkie mellum nanbeige qwen3tts pockettts
            """;

    @Test
    void whatIsNotThereIsAnErrorThatListsWhatIs() {
        Set<String> others = new HashSet<>(List.of(OF_LLAMA_CPP.split("\\s+")));
        assertTrue(others.containsAll(Families.names()), "every family has llama.cpp's name");
        others.removeAll(Families.names());
        assertTrue(others.size() > 50);
        for (String name : others) {
            Metadata metadata =
                    Metadata.builder().string("general.architecture", name).build();
            assertEquals(
                    "architecture '" + name + "' cannot be run; supported: " + String.join(", ", Families.names()),
                    assertThrows(GgufException.class, () -> Families.shape(metadata))
                            .getMessage());
        }
    }

    @Test
    void theDocumentationHasEveryFamily() throws IOException {
        Set<String> told = Pattern.compile("\\| `([a-z0-9_-]+)` \\|")
                .matcher(Files.readString(Path.of("docs/models.md")))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
        assertEquals(Set.copyOf(Families.names()), told);
    }
}
