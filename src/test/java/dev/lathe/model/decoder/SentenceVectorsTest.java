package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.Slow;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Vectors of a real encoder against another engine's; on one kernel set, as all have the same bits. */
@Slow
class SentenceVectorsTest {
    @Test
    void allMiniLmAgreesWithDecodedWeights() throws IOException {
        List<ReferenceVectorsTest.Sentence> sentences =
                ReferenceVectorsTest.sentences("embedding/all-minilm-l6-v2.json");
        try (GgufFile file = GgufFile.open(ReferenceData.require("embedding/all-minilm-l6-v2-q8_0.gguf"))) {
            ReferenceVectorsTest.assertTokens(sentences, Tokenizer.from(file.metadata()));
            ModelEdit decoded = new ModelEdit(file);
            for (TensorInfo tensor : file.tensors()) {
                if (tensor.type() == TensorType.Q8_0) {
                    decoded.putMatrix(tensor.name(), decoded.floats(tensor.name()));
                }
            }
            try (DecoderModel model = DecoderModel.load(decoded, Workers.single())) {
                float[] expected = ReferenceVectorsTest.floats("embedding/all-minilm-l6-v2.q8_0.vectors.f32");
                FloatMatrix vectors = ReferenceVectorsTest.vectors(model, sentences);
                for (int i = 0; i < expected.length; i++) {
                    assertTrue(Math.abs(vectors.data()[i] - expected[i]) < 1e-4, "number " + i);
                }
            }
        }
    }

    @Test
    void allMiniLmAgreesInEightBits() throws IOException {
        List<ReferenceVectorsTest.Sentence> sentences =
                ReferenceVectorsTest.sentences("embedding/all-minilm-l6-v2.json");
        float[] expected = ReferenceVectorsTest.floats("embedding/all-minilm-l6-v2.q8_0.vectors.f32");
        try (GgufFile file = GgufFile.open(ReferenceData.require("embedding/all-minilm-l6-v2-q8_0.gguf"));
                DecoderModel model = DecoderModel.load(file, Workers.single())) {
            FloatMatrix vectors = ReferenceVectorsTest.vectors(model, sentences);
            for (int row = 0; row < vectors.rows(); row++) {
                double cosine = 0;
                for (int i = 0; i < vectors.columns(); i++) {
                    cosine += (double) vectors.row(row)[i] * expected[row * vectors.columns() + i];
                }
                assertTrue(cosine > 0.998, "sentence " + row + ": " + cosine);
            }
        }
    }
}
