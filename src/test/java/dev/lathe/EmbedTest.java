package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.RandomFamilyFile;
import dev.lathe.model.config.Pooling;
import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Vectors and ranks of texts at the front door, of a small random BERT. */
class EmbedTest {
    private static final List<String> TEXTS = List.of("a", "b a c", "", "c c c c c a");

    /** Its tokens are single letters. */
    private static ModelEdit bert(int pooling) {
        RandomFamilyFile file = new RandomFamilyFile("bert");
        List<String> tokens = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"));
        for (char letter = 'a'; tokens.size() < 48; letter++) {
            tokens.add("\u2581" + letter);
        }
        int[] types = new int[48];
        for (int token = 0; token < types.length; token++) {
            types[token] = token < 4 ? 3 : 1;
        }
        Metadata metadata = file.metadata().toBuilder()
                .uint32("bert.pooling_type", pooling)
                .string("tokenizer.ggml.model", "bert")
                .strings("tokenizer.ggml.tokens", tokens)
                .ints("tokenizer.ggml.token_type", types)
                .uint32("tokenizer.ggml.unknown_token_id", 1)
                .uint32("tokenizer.ggml.cls_token_id", 2)
                .uint32("tokenizer.ggml.seperator_token_id", 3)
                .build();
        ModelEdit edit = new ModelEdit(file);
        edit.setMetadata(metadata);
        return edit;
    }

    private static Model load(ModelEdit edit) throws IOException {
        return Model.load(edit, new LoadOptions(2));
    }

    @Test
    void aTextHasTheSameVectorAloneAndAmongOthers() throws IOException {
        try (Model model = load(bert(1))) {
            Embeddings all = model.embed(TEXTS);
            for (int i = 0; i < TEXTS.size(); i++) {
                assertArrayEquals(
                        all.vector(i), model.embed(List.of(TEXTS.get(i))).vector(0));
                assertEquals(1, all.cosine(i, i), 1e-9);
            }
            assertEquals(TEXTS.size(), all.statistics().texts());
            assertEquals(3 + 5 + 2 + 8, all.statistics().tokens());
            assertEquals(0, model.embed(List.of()).vectors().size());
        }
    }

    @Test
    void vectorsHaveLengthOneUnlessAskedOtherwise() throws IOException {
        try (Model model = load(bert(1))) {
            float[] plain = model.embed(TEXTS, EmbeddingOptions.DEFAULT.normalized(false))
                    .vector(1);
            float[] unit = model.embed(TEXTS).vector(1);
            double square = 0;
            for (float value : unit) {
                square += value * value;
            }
            assertEquals(1, square, 1e-5);
            assertEquals(1, Embeddings.cosine(plain, unit), 1e-6);
            assertTrue(Math.abs(plain[0] - unit[0]) > 1e-3);
        }
    }

    @Test
    void aPromptStandsBeforeEachText() throws IOException {
        try (Model model = load(bert(2))) {
            Embeddings prompted = model.embed(List.of("b", "c"), EmbeddingOptions.DEFAULT.prompt("a "));
            assertArrayEquals(model.embed(List.of("a b")).vector(0), prompted.vector(0));
        }
    }

    @Test
    void aLongTextIsAnErrorOrCutBeforeItsEnd() throws IOException {
        try (Model model = load(bert(1))) {
            String long70 = "a ".repeat(70);
            String message = assertThrows(IllegalArgumentException.class, () -> model.embed(List.of("b", long70)))
                    .getMessage();
            assertTrue(message.startsWith("text 1 has 72 tokens, the model was made for at most 64"), message);
            Embeddings cut = model.embed(List.of("b", long70), EmbeddingOptions.DEFAULT.truncated(true));
            assertEquals(1, cut.statistics().truncated());
            assertArrayEquals(model.embed(List.of("a ".repeat(62))).vector(0), cut.vector(1));
        }
    }

    @Test
    void whatAModelCannotDoIsSaidWithWhatItCan() throws IOException {
        try (Model encoder = load(bert(1));
                Model undecided = load(bert(0));
                Model decoder = Model.load(Path.of("examples/models/lathe-java-draft-f16.gguf"))) {
            assertThrows(UnsupportedOperationException.class, encoder::newSession);
            assertThrows(UnsupportedOperationException.class, () -> encoder.rank("a", List.of("b")));
            assertThrows(UnsupportedOperationException.class, () -> undecided.embed(TEXTS));
            assertThrows(UnsupportedOperationException.class, () -> decoder.embed(TEXTS));
            EmbeddingOptions mean = EmbeddingOptions.DEFAULT.pooling(Pooling.MEAN);
            assertArrayEquals(
                    encoder.embed(TEXTS).vector(1), undecided.embed(TEXTS, mean).vector(1));
            assertEquals(
                    2,
                    decoder.embed(List.of("int a;", "int b;"), mean).vectors().size());
            assertThrows(IllegalArgumentException.class, () -> mean.pooling(Pooling.RANK));
        }
    }

    /** Each pair for itself, the best first. */
    @Test
    void aRerankerScoresEachPairByItsHead() throws IOException {
        ModelEdit edit = bert(4);
        Random random = new Random(1);
        edit.putMatrix("cls.weight", new FloatMatrix(floats(random, 64 * 64), 64, 64));
        edit.putVector("cls.bias", floats(random, 64));
        edit.putMatrix("cls.output.weight", new FloatMatrix(floats(random, 64), 1, 64));
        List<String> documents = Stream.of("a b", "c", "d e f").toList();
        try (Model model = load(edit)) {
            assertThrows(UnsupportedOperationException.class, () -> model.embed(documents));
            List<RankedDocument> ranked = model.rank("a", documents);
            assertEquals(3, ranked.size());
            for (int i = 1; i < 3; i++) {
                assertTrue(ranked.get(i).score() <= ranked.get(i - 1).score());
            }
            for (RankedDocument each : ranked) {
                assertEquals(documents.get(each.index()), each.document());
                assertEquals(
                        each.score(),
                        model.rank("a", List.of(each.document())).getFirst().score());
            }
        }
    }

    private static float[] floats(Random random, int count) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) random.nextGaussian() / 8;
        }
        return floats;
    }
}
