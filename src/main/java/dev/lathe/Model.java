package dev.lathe;

import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.model.DecoderModel;
import dev.lathe.model.LanguageModel;
import dev.lathe.tensor.Workers;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A language model with its tokenizer, ready to generate. Immutable and thread-safe: any number of sessions may run at
 * the same time and share its weights and threads. Owns both until closed.
 *
 * <pre>{@code
 * try (Model model = Model.load(Path.of("model.gguf"));
 *         Session session = model.newSession()) {
 *     session.generate("public static int max(")
 *             .maxTokens(64)
 *             .stream()
 *             .forEach(token -> System.out.print(token.text()));
 * }
 * }</pre>
 */
public final class Model implements AutoCloseable {
    private final LanguageModel languageModel;
    private final Tokenizer tokenizer;
    private final Metadata metadata;
    private final Runnable release;

    /** A model of given parts; {@code release} frees what it owns. */
    Model(LanguageModel languageModel, Tokenizer tokenizer, Metadata metadata, Runnable release) {
        this.languageModel = languageModel;
        this.tokenizer = tokenizer;
        this.metadata = metadata;
        this.release = release;
    }

    /**
     * Loads a GGUF file, or the first of a split one, with as many threads as physical cores.
     *
     * @throws IOException if the file cannot be read
     * @throws dev.lathe.gguf.GgufException if it is broken, or holds no model that can be run
     * @throws IllegalArgumentException if its tokenizer is not supported
     */
    public static Model load(Path file) throws IOException {
        return load(file, LoadOptions.DEFAULT);
    }

    /**
     * Loads a GGUF file, or the first of a split one.
     *
     * @throws IOException if the file cannot be read
     * @throws dev.lathe.gguf.GgufException if it is broken, or holds no model that can be run
     * @throws IllegalArgumentException if its tokenizer is not supported
     */
    public static Model load(Path file, LoadOptions options) throws IOException {
        Workers workers = Workers.of(options.threads() == 0 ? PhysicalCores.count() : options.threads());
        try (GgufFile gguf = GgufFile.open(file)) {
            Tokenizer tokenizer = Tokenizer.from(gguf.metadata());
            DecoderModel decoder = DecoderModel.load(gguf, workers).with(options.arithmetic());
            return new Model(decoder, tokenizer, gguf.metadata(), () -> {
                decoder.close();
                workers.close();
            });
        } catch (IOException | RuntimeException | Error failure) {
            workers.close();
            throw failure;
        }
    }

    /** A session with room for the model's context length. */
    public Session newSession() {
        return newSession(SessionOptions.DEFAULT);
    }

    /**
     * A session of its own text; the caller closes it.
     *
     * @throws IllegalArgumentException if more context is asked for than the model was made for
     */
    public Session newSession(SessionOptions options) {
        if (options.contextLength() > contextLength()) {
            throw new IllegalArgumentException("contextLength is " + options.contextLength()
                    + ": the model was made for at most " + contextLength() + " tokens");
        }
        return new Session(this, options, System::nanoTime);
    }

    /** The longest text the model was made for, in tokens. */
    public int contextLength() {
        return languageModel.contextLength();
    }

    /** Turns text into this model's tokens and back. */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The template that lays conversations out for this model, parsed anew; empty if the file has none. */
    public Optional<ChatTemplate> chatTemplate() {
        return metadata.findString("tokenizer.chat_template").map(ChatTemplate::of);
    }

    /** What the file says about the model. */
    public Metadata metadata() {
        return metadata;
    }

    /** The model below the text: tokens in, logits out. */
    public LanguageModel languageModel() {
        return languageModel;
    }

    /** Frees the weights and ends the threads; sessions of this model must not be used afterwards. */
    @Override
    public void close() {
        release.run();
    }
}
