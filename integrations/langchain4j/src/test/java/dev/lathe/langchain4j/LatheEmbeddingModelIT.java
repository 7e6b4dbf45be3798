package dev.lathe.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.lathe.EmbeddingOptions;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.model.config.Pooling;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** LangChain4j's own kit, on the model in the repository with a pooling that its file does not name. */
class LatheEmbeddingModelIT extends AbstractEmbeddingModelIT {
    private static final EmbeddingOptions OPTIONS = EmbeddingOptions.DEFAULT.pooling(Pooling.MEAN);

    private static Model model;

    @BeforeAll
    static void load() throws IOException {
        model = Model.load(TestEngine.REPOSITORY.resolve("examples/models/lathe-java-f16.gguf"), new LoadOptions(1));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Override
    protected List<EmbeddingModel> models() {
        return List.of(with(List.of()));
    }

    @Override
    protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
        return with(List.of(listener));
    }

    @Override
    protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
        return new LatheEmbeddingModel(
                model, "java", EmbeddingOptions.DEFAULT, EmbeddingOptions.DEFAULT, List.of(listener));
    }

    private static EmbeddingModel with(List<EmbeddingModelListener> listeners) {
        return new LatheEmbeddingModel(model, "java", OPTIONS, OPTIONS.prompt("query: "), listeners);
    }

    @Override
    protected boolean supportsDimensionsParameter() {
        return false;
    }

    @Override
    protected boolean supportsImageInput() {
        return false;
    }
}
