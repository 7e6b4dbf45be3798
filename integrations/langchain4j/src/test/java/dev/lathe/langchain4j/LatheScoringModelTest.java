package dev.lathe.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.RankedDocument;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatheScoringModelTest {
    private static final Path ENCODER = TestEngine.REPOSITORY.resolve("../shared/models/tiny/bert-cls.gguf");

    @Test
    void eachTextHasItsScoreInTheOrderOfTheTexts() throws IOException {
        assumeTrue(Files.exists(ENCODER), () -> ENCODER + " is absent");
        List<String> texts = List.of("a cat", "the dog on a mat", "mat");
        try (Model model = reranker()) {
            List<Double> scores = new LatheScoringModel(model)
                    .scoreAll(texts.stream().map(TextSegment::from).toList(), "on a mat")
                    .content();
            for (RankedDocument ranked : model.rank("on a mat", texts)) {
                assertEquals(ranked.score(), scores.get(ranked.index()));
            }
            assertEquals(3, scores.size());
        }
    }

    /** An encoder with a classification head of random weights. */
    private static Model reranker() throws IOException {
        try (OpenTensorSource file = Model.open(ENCODER)) {
            Metadata metadata = file.metadata();
            int width = metadata.intValue("bert.embedding_length");
            ModelEdit edit = new ModelEdit(file);
            edit.setMetadata(metadata.toBuilder().uint32("bert.pooling_type", 4).build());
            edit.putMatrix("cls.weight", new FloatMatrix(floats(width * width), width, width));
            edit.putVector("cls.bias", floats(width));
            edit.putMatrix("cls.output.weight", new FloatMatrix(floats(width), 1, width));
            return Model.load(edit, new LoadOptions(1));
        }
    }

    private static float[] floats(int count) {
        Random random = new Random(count);
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = random.nextFloat() - 0.5f;
        }
        return floats;
    }

    @Test
    void aModelThatIsNoRerankerSaysSo() {
        var model = new LatheScoringModel(TestEngine.ENGINE.model());
        assertThrows(UnsupportedFeatureException.class, () -> model.scoreAll(List.of(TextSegment.from("a")), "b"));
    }
}
