package dev.lathe.springai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.model.config.Pooling;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;

/** The model in the repository, with a pooling that its file does not name. */
class LatheEmbeddingModelTest {
    private static final dev.lathe.EmbeddingOptions MEAN = dev.lathe.EmbeddingOptions.DEFAULT.pooling(Pooling.MEAN);
    private static final List<String> TEXTS = List.of("int max(int a, int b)", "String text");

    private static Model model;

    private final TestObservationRegistry registry = TestObservationRegistry.create();
    private final LatheEmbeddingModel embeddings = LatheEmbeddingModel.builder(model, "java")
            .documents(MEAN)
            .queries(MEAN.prompt("query: "))
            .observationRegistry(registry)
            .build();

    @BeforeAll
    static void load() throws Exception {
        model = Model.load(TestEngine.REPOSITORY.resolve("examples/models/lathe-java-f16.gguf"), new LoadOptions(1));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void textsHaveTheVectorsOfTheModel() {
        EmbeddingResponse response = embeddings.embedForResponse(TEXTS);
        var expected = model.embed(TEXTS, MEAN);
        for (int text = 0; text < 2; text++) {
            assertEquals(text, response.getResults().get(text).getIndex());
            assertArrayEquals(
                    expected.vector(text), response.getResults().get(text).getOutput());
        }
        assertEquals(embeddings.dimensions(), expected.vector(0).length);
        assertEquals(expected.statistics().tokens(), (long)
                response.getMetadata().getUsage().getPromptTokens());
        assertEquals("java", response.getMetadata().getModel());
    }

    @Test
    void queriesHaveOptionsOfTheirOwn() {
        float[] document = embeddings.embed(new Document(TEXTS.getFirst()));
        float[] query = embeddings.embed(TEXTS.getFirst());
        assertArrayEquals(model.embed(TEXTS, MEAN).vector(0), document);
        assertFalse(Arrays.equals(document, query));
        assertArrayEquals(
                model.embed(List.of("query: " + TEXTS.getFirst()), MEAN).vector(0), query);
    }

    @Test
    void requestsAreObserved() {
        embeddings.embed(TEXTS);
        TestObservationRegistryAssert.assertThat(registry)
                .hasSingleObservationThat()
                .hasNameEqualTo("gen_ai.client.operation")
                .hasLowCardinalityKeyValue("gen_ai.operation.name", "embedding")
                .hasLowCardinalityKeyValue("gen_ai.system", "lathe")
                .hasLowCardinalityKeyValue("gen_ai.request.model", "java")
                .hasHighCardinalityKeyValueWithKey("gen_ai.usage.input_tokens")
                .hasBeenStopped();
    }

    @Test
    void otherModelsAndLengthsAreRefused() {
        var other = new EmbeddingRequest(
                TEXTS, EmbeddingOptions.builder().model("ada").build());
        assertThrows(IllegalArgumentException.class, () -> embeddings.call(other));
        var shorter = new EmbeddingRequest(
                TEXTS, EmbeddingOptions.builder().dimensions(3).build());
        String message = assertThrows(IllegalArgumentException.class, () -> embeddings.call(shorter))
                .getMessage();
        assertTrue(message.contains("vectors of 3 numbers"), message);
        var same = EmbeddingOptions.builder()
                .model("java")
                .dimensions(embeddings.dimensions())
                .build();
        assertEquals(
                2,
                embeddings.call(new EmbeddingRequest(TEXTS, same)).getResults().size());
    }
}
