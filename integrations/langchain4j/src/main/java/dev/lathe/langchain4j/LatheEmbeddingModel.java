package dev.lathe.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.lathe.EmbeddingOptions;
import dev.lathe.Embeddings;
import dev.lathe.Model;
import dev.lathe.gguf.Metadata;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Vectors of texts, of length 1 unless the options say otherwise. Thread-safe; the model stays the caller's.
 *
 * <p>Queries and documents may have options of their own: some models were trained with another prompt before each.
 */
public final class LatheEmbeddingModel implements EmbeddingModel {
    private final Model model;
    private final String modelName;
    private final EmbeddingOptions documents;
    private final EmbeddingOptions queries;
    private final List<EmbeddingModelListener> listeners;

    /**
     * Vectors as the model's file says they are made.
     *
     * @param modelName what responses and listeners call the model
     */
    public LatheEmbeddingModel(Model model, String modelName) {
        this(model, modelName, EmbeddingOptions.DEFAULT, EmbeddingOptions.DEFAULT, List.of());
    }

    /**
     * Vectors made with options.
     *
     * @param modelName what responses and listeners call the model
     * @param documents for texts that are no queries
     * @param queries for texts whose input type is a query
     */
    public LatheEmbeddingModel(
            Model model,
            String modelName,
            EmbeddingOptions documents,
            EmbeddingOptions queries,
            List<EmbeddingModelListener> listeners) {
        this.model = Objects.requireNonNull(model, "model");
        this.modelName = Objects.requireNonNull(modelName, "modelName");
        this.documents = Objects.requireNonNull(documents, "documents");
        this.queries = Objects.requireNonNull(queries, "queries");
        this.listeners = List.copyOf(listeners);
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        List<String> texts = request.inputs().stream().map(EmbeddingInput::text).toList();
        EmbeddingOptions options = request.inputType() == EmbeddingInputType.QUERY ? queries : documents;
        Embeddings embeddings = Conversations.translating(() -> model.embed(texts, options));
        return EmbeddingResponse.builder()
                .embeddings(embeddings.vectors().stream().map(Embedding::from).toList())
                .modelName(modelName)
                .tokenUsage(
                        new TokenUsage(Math.toIntExact(embeddings.statistics().tokens())))
                .build();
    }

    @Override
    public int dimension() {
        Metadata metadata = model.metadata();
        return metadata.intValue(metadata.string("general.architecture") + ".embedding_length");
    }

    @Override
    public String modelName() {
        return modelName;
    }

    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
        return Set.of(EmbeddingRequestParameters.INPUT_TYPE);
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    @Override
    public ModelProvider provider() {
        return ModelProvider.OTHER;
    }
}
