package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.ReferenceData;
import dev.lathe.gguf.GgufFile;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Vectors of texts, and their tokens, against another engine's, by small random encoders. */
@OnEveryKernelSet
class ReferenceVectorsTest {
    record Sentence(String text, int[] tokens) {}

    @ParameterizedTest
    @ValueSource(strings = {"bert", "bert-cls", "modern-bert", "xlm-roberta"})
    void tinyEncodersAgree(String name) throws IOException {
        List<Sentence> sentences = sentences("tiny/" + name + ".json");
        float[] expected = floats("tiny/" + name + ".vectors.f32");
        try (GgufFile file = GgufFile.open(ReferenceData.require("tiny/" + name + ".gguf"));
                DecoderModel model = DecoderModel.load(file, Workers.single())) {
            assertTokens(sentences, Tokenizer.from(file.metadata()));
            FloatMatrix vectors = vectors(model, sentences);
            for (int i = 0; i < expected.length; i++) {
                assertTrue(Math.abs(vectors.data()[i] - expected[i]) < 1e-5, name + " at " + i);
            }
        }
    }

    static void assertTokens(List<Sentence> sentences, Tokenizer tokenizer) {
        for (Sentence sentence : sentences) {
            if (sentence.tokens().length < 512) { // longer ones were cut
                assertArrayEquals(sentence.tokens(), tokenizer.encode(sentence.text()), sentence.text());
            }
        }
    }

    static FloatMatrix vectors(DecoderModel model, List<Sentence> sentences) {
        FloatMatrix vectors =
                model.embed(sentences.stream().map(Sentence::tokens).toList(), model.pooling(), () -> false);
        for (int row = 0; row < vectors.rows(); row++) {
            double square = 0;
            for (float value : vectors.row(row)) {
                square += (double) value * value;
            }
            for (int i = 0; i < vectors.columns(); i++) {
                vectors.data()[vectors.offset(row) + i] /= (float) Math.sqrt(square);
            }
        }
        return vectors;
    }

    static List<Sentence> sentences(String file) throws IOException {
        JsonObject json = (JsonObject) JsonValue.read(ReferenceData.require(file));
        List<Sentence> sentences = new ArrayList<>();
        for (JsonValue element : json.array("sentences").elements()) {
            JsonObject sentence = (JsonObject) element;
            JsonArray tokens = sentence.array("tokens");
            int[] ids = new int[tokens.elements().size()];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = Integer.parseInt(tokens.elements().get(i).toString());
            }
            sentences.add(new Sentence(sentence.text("text"), ids));
        }
        return sentences;
    }

    static float[] floats(String file) throws IOException {
        byte[] bytes = Files.readAllBytes(ReferenceData.require(file));
        float[] floats = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }
}
