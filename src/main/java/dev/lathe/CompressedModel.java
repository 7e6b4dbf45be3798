package dev.lathe;

import dev.lathe.compress.CompressionReport;
import dev.lathe.compress.ModelEdit;
import dev.lathe.compress.Recipe;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What {@link Model#compress} made: a smaller model, to be saved, to be run as it is, or to be compressed further. Owns
 * the source if that was a file which {@code compress} opened. Models loaded from it are independent of it. One thread
 * at a time.
 */
public final class CompressedModel implements AutoCloseable {
    private final Recipe.Compressed compressed;
    private final LoadOptions options;
    private final Runnable release;

    /** {@code release} frees the source, if it is this model's own. */
    CompressedModel(Recipe.Compressed compressed, LoadOptions options, Runnable release) {
        this.compressed = compressed;
        this.options = options;
        this.release = release;
    }

    /** What was done, step by step. */
    public CompressionReport report() {
        return compressed.report();
    }

    /** The model's tensors: to look at, to load from, or to compress further; good until this is closed. */
    public ModelEdit tensors() {
        return compressed.model();
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

    /** Closes the source file, if {@code compress} opened it. */
    @Override
    public void close() {
        release.run();
    }
}
