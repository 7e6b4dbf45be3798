package dev.lathe;

import dev.lathe.compress.CompressionReport;
import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.Draft;
import dev.lathe.model.LanguageModel;

/**
 * A draft made of the model that it drafts for, by a recipe: see {@link Model#draft}. Owns the smaller model until
 * closed, and computes on the threads of the larger one, which must be closed later. Immutable and thread-safe.
 */
public final class ShapedDraft implements Draft, AutoCloseable {
    private final Model model;
    private final Draft draft;
    private final CompressionReport report;

    ShapedDraft(Model model, CompressionReport report) {
        this.model = model;
        this.draft = Draft.model(model);
        this.report = report;
    }

    /** The smaller model. */
    public Model model() {
        return model;
    }

    /** What was done to it, step by step. */
    public CompressionReport report() {
        return report;
    }

    @Override
    public String name() {
        return "shaped " + draft.name();
    }

    @Override
    public void check(LanguageModel target) {
        draft.check(target);
    }

    @Override
    public Draft.Run start(DecodingContext context) {
        return draft.start(context);
    }

    @Override
    public String toString() {
        return name();
    }

    /** Frees the smaller model; generations that draft with it must have ended. */
    @Override
    public void close() {
        model.close();
    }
}
