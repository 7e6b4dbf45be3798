package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Embeddings;
import dev.lathe.OnEveryKernelSet;
import dev.lathe.gguf.GgufFile;
import dev.lathe.model.config.Pooling;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonNumber;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoders that have no folder here, against vectors computed by torch; a script beside the files makes them. */
@OnEveryKernelSet
class EncoderFilesTest {
    private static final Path FILES = Path.of("src/test/resources/references");

    @ParameterizedTest
    @ValueSource(strings = {"gemma-embedding", "jina-bert-v2", "jina-bert-v3", "eurobert"})
    void vectorsAgreeAndDoNotDependOnTheBatch(String name) throws IOException {
        List<int[]> texts = ((JsonObject) JsonValue.read(FILES.resolve(name + ".json")))
                .array("tokens").elements().stream()
                        .map(tokens -> ((JsonArray) tokens)
                                .elements().stream()
                                        .mapToInt(token -> (int) ((JsonNumber) token).longValue())
                                        .toArray())
                        .toList();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(FILES.resolve(name + ".f32")))
                .order(ByteOrder.LITTLE_ENDIAN);
        float[] expected = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(expected);
        try (GgufFile file = GgufFile.open(FILES.resolve(name + ".gguf"));
                DecoderModel model = DecoderModel.load(file, Workers.single())) {
            assertEquals(Pooling.MEAN, model.pooling());
            FloatMatrix vectors = model.embed(texts, Pooling.MEAN, () -> false);
            int size = vectors.columns();
            for (int i = 0; i < texts.size(); i++) {
                float[] wanted = Arrays.copyOfRange(expected, i * size, (i + 1) * size);
                double cosine = Embeddings.cosine(wanted, vectors.row(i));
                assertTrue(cosine > 0.9999999, i + ": " + cosine);
                assertArrayEquals(
                        vectors.row(i),
                        model.embed(List.of(texts.get(i)), Pooling.MEAN, () -> false)
                                .row(0));
            }
        }
    }
}
