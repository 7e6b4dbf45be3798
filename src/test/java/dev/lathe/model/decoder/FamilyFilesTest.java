package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.ReferenceData;
import dev.lathe.gguf.GgufFile;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Families that are read from GGUF files alone, against the logits of Transformers or llama.cpp; scripts beside the
 * files make them.
 */
@OnEveryKernelSet
class FamilyFilesTest {
    /** The tanh form from a table of halves, where Lathe and Transformers have the exact one. */
    private static final double GELU_OF_LLAMA_CPP = 3e-3;

    private static final Path FILES = Path.of("src/test/resources/references");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cohere2",
                "arcee",
                "seed_oss",
                "ernie4_5",
                "exaone4",
                "dots1",
                "stablelm-heads",
                "command-r-heads",
                "hunyuan-dense",
                "olmo",
                "xverse",
                "orion",
                "baichuan-7b",
                "baichuan-13b",
                "mpt",
                "chatglm",
                "deepseek",
                "glm4moe",
                "glm4moe-heads",
                "qwen",
                "plamo",
                "apertus",
                "bitnet",
                "qwen2vl",
                "qwen3vl",
                "qwen3vlmoe",
                "glm4-sections",
                "llama4",
                "hunyuan-moe",
                "minimax-m2",
                "bailingmoe",
                "bailingmoe2",
                "exaone-moe",
                "dbrx",
                "refact",
                "codeshell",
                "jais",
                "jais2",
                "maincoder",
                "openelm",
                "pangu-embedded"
            })
    void logitsAgreeAndSingleTokensGiveTheSameBits(String name) throws IOException {
        int[] tokens = ((JsonObject) JsonValue.read(FILES.resolve(name + ".json")))
                .array("tokens").elements().stream()
                        .mapToInt(token -> (int) ((JsonNumber) token).longValue())
                        .toArray();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(FILES.resolve(name + ".f32")))
                .order(ByteOrder.LITTLE_ENDIAN);
        float[] expected = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(expected);
        try (GgufFile file = GgufFile.open(FILES.resolve(name + ".gguf"));
                DecoderModel model = DecoderModel.load(file, Workers.single());
                InferenceState state = model.newState(tokens.length, CacheType.F32);
                InferenceState single = model.newState(tokens.length, CacheType.F32)) {
            FloatMatrix all = state.forward(TokenBatch.allLogits(tokens));
            float[] logits = Arrays.copyOf(all.data(), expected.length);
            ReferenceData.assertClose(
                    expected, logits, name.equals("mpt") || name.equals("codeshell") ? GELU_OF_LLAMA_CPP : 1e-4);
            int size = all.columns();
            for (int i = 0; i < tokens.length; i++) {
                assertArrayEquals(
                        Arrays.copyOfRange(logits, i * size, (i + 1) * size),
                        single.forward(TokenBatch.allLogits(tokens[i])).row(0));
            }
        }
    }
}
