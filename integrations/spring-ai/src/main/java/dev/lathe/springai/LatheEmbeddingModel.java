package dev.lathe.springai;

import dev.lathe.Embeddings;
import dev.lathe.Model;
import dev.lathe.gguf.Metadata;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/**
 * Vectors of texts, of length 1 unless the options say otherwise. Thread-safe; the model stays the caller's.
 *
 * <p>Queries and documents may have options of their own, since some models were trained with another prompt before
 * each: {@link #embed(String)}, by which Spring AI's vector stores embed a query, has the queries', everything else the
 * documents'.
 */
public final class LatheEmbeddingModel implements EmbeddingModel {
    private static final EmbeddingModelObservationConvention CONVENTION =
            new DefaultEmbeddingModelObservationConvention();

    private final Model model;
    private final String modelName;
    private final dev.lathe.EmbeddingOptions documents;
    private final dev.lathe.EmbeddingOptions queries;
    private final ObservationRegistry registry;
    private final EmbeddingModelObservationConvention convention;

    private LatheEmbeddingModel(Builder builder) {
        this.model = builder.model;
        this.modelName = builder.modelName;
        this.documents = builder.documents;
        this.queries = builder.queries;
        this.registry = builder.registry;
        this.convention = builder.convention;
    }

    /**
     * A model to be built.
     *
     * @param model stays the caller's
     * @param modelName what responses and observations call the model
     */
    public static Builder builder(Model model, String modelName) {
        return new Builder(model, modelName);
    }

    /**
     * Vectors of documents.
     *
     * @throws IllegalArgumentException if there is no text, a text is longer than the model was made for, or the
     *     options ask for another model or length
     */
    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        return embed(request, documents);
    }

    /** The vector of a query. */
    @Override
    public float[] embed(String query) {
        EmbeddingRequest request = new EmbeddingRequest(List.of(query), null);
        return embed(request, queries).getResult().getOutput();
    }

    @Override
    public float[] embed(Document document) {
        String text = getEmbeddingContent(document);
        if (text == null) {
            throw new IllegalArgumentException("the document " + document.getId() + " has no text: Lathe embeds text");
        }
        return call(new EmbeddingRequest(List.of(text), null)).getResult().getOutput();
    }

    @Override
    public int dimensions() {
        Metadata metadata = model.metadata();
        return metadata.intValue(metadata.string("general.architecture") + ".embedding_length");
    }

    private EmbeddingResponse embed(EmbeddingRequest request, dev.lathe.EmbeddingOptions options) {
        check(request.getOptions());
        EmbeddingModelObservationContext context = EmbeddingModelObservationContext.builder()
                .embeddingRequest(new EmbeddingRequest(
                        request.getInstructions(),
                        EmbeddingOptions.builder().model(modelName).build()))
                .provider(LatheChatModel.PROVIDER)
                .build();
        return EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
                .observation(convention, CONVENTION, () -> context, registry)
                .observe(() -> {
                    EmbeddingResponse response = response(model.embed(request.getInstructions(), options));
                    context.setResponse(response);
                    return response;
                });
    }

    private void check(EmbeddingOptions options) {
        if (options != null && options.getModel() != null && !options.getModel().equals(modelName)) {
            throw new IllegalArgumentException("the model \"" + options.getModel() + "\" is asked for: expected \""
                    + modelName + "\", the only one here, or no name");
        }
        if (options != null && options.getDimensions() != null && options.getDimensions() != dimensions()) {
            throw new IllegalArgumentException("vectors of " + options.getDimensions()
                    + " numbers are asked for: expected " + dimensions() + ", which the model makes, or no number");
        }
    }

    private EmbeddingResponse response(Embeddings embeddings) {
        List<float[]> vectors = embeddings.vectors();
        int tokens = Math.toIntExact(embeddings.statistics().tokens());
        return new EmbeddingResponse(
                IntStream.range(0, vectors.size())
                        .mapToObj(text -> new Embedding(vectors.get(text), text))
                        .toList(),
                new EmbeddingResponseMetadata(modelName, new DefaultUsage(tokens, 0, tokens, embeddings.statistics())));
    }

    /** A model in the making. Not thread-safe. */
    public static final class Builder {
        private final Model model;
        private final String modelName;
        private dev.lathe.EmbeddingOptions documents = dev.lathe.EmbeddingOptions.DEFAULT;
        private dev.lathe.EmbeddingOptions queries = dev.lathe.EmbeddingOptions.DEFAULT;
        private ObservationRegistry registry = ObservationRegistry.NOOP;
        private EmbeddingModelObservationConvention convention = CONVENTION;

        private Builder(Model model, String modelName) {
            this.model = Objects.requireNonNull(model, "model");
            this.modelName = Objects.requireNonNull(modelName, "modelName");
        }

        /** How documents become vectors; as the model's file says unless given. */
        public Builder documents(dev.lathe.EmbeddingOptions value) {
            this.documents = Objects.requireNonNull(value, "documents");
            return this;
        }

        /** How queries become vectors; as the model's file says unless given. */
        public Builder queries(dev.lathe.EmbeddingOptions value) {
            this.queries = Objects.requireNonNull(value, "queries");
            return this;
        }

        /** Is told of each request; nobody unless given. */
        public Builder observationRegistry(ObservationRegistry value) {
            this.registry = Objects.requireNonNull(value, "observationRegistry");
            return this;
        }

        /** How observations are named; as Spring AI does unless given. */
        public Builder observationConvention(EmbeddingModelObservationConvention value) {
            this.convention = Objects.requireNonNull(value, "observationConvention");
            return this;
        }

        /** The model. */
        public LatheEmbeddingModel build() {
            return new LatheEmbeddingModel(this);
        }
    }
}
