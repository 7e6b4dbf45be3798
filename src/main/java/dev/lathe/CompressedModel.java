package dev.lathe;

import dev.lathe.compress.CompressionReport;
import dev.lathe.compress.Recipe;
import dev.lathe.gguf.OpenTensorSource;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What {@link Model#compress} made: a smaller model, to be saved or to be run as it is. Owns the opened source file until
 * closed. Models taken from it live on their own. One thread at a time.
 */
public final class CompressedModel implements AutoCloseable {
    private final OpenTensorSource source;
    private final Recipe.Compressed compressed;
    private final LoadOptions options;

    CompressedModel(OpenTensorSource source, Recipe.Compressed compressed, LoadOptions options) {
        this.source = source;
        this.compressed = compressed;
        this.options = options;
    }

    /** What was done, step by step. */
    public CompressionReport report() {
        return compressed.report();
    }

    /**
     * Saves the model as a GGUF file, which names the recipe. A failure leaves no file, and one that was there stays.
     *
     * @throws IOException if the file cannot be written
     */
    public void save(Path target) throws IOException {
        compressed.save(target);
    }

    /**
     * Loads the model as if from its file; the caller closes it.
     *
     * @throws IOException if the source cannot be read
     */
    public Model load() throws IOException {
        return Model.load(compressed.model(), options);
    }

    /** Closes the source file. */
    @Override
    public void close() {
        source.close();
    }
}
