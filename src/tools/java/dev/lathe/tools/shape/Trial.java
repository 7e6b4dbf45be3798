package dev.lathe.tools.shape;

import dev.lathe.GenerationResult;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.TensorSource;
import dev.lathe.measure.Divergence;
import dev.lathe.measure.Windows;
import dev.lathe.model.CacheType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a model in the making is worth: its perplexity on a text, how far its predictions are from the first model's,
 * its speed.
 */
final class Trial {
    private static final int CONTEXT = 512;
    private static final int TOKENS = 64;
    private static final int RUNS = 3;

    private final String text;
    private final int windows;
    private final LoadOptions threads;
    private final TensorSource first;

    /** Measures on the first windows of a text, and against a first model. */
    Trial(Path text, int windows, int threads, TensorSource first) throws IOException {
        this.first = first;
        this.text = Files.readString(text);
        this.windows = windows;
        this.threads = new LoadOptions(threads);
    }

    /**
     * A result.
     *
     * @param parameters elements of all tensors
     * @param bytes of all tensors
     * @param perplexity on the text
     * @param divergence of the predictions there from those of the first model, in nats a token
     * @param tokensPerSecond of decoding, the best of a few short runs
     */
    record Worth(long parameters, long bytes, double perplexity, double divergence, double tokensPerSecond) {}

    /** Loads the model and measures it. */
    Worth of(ModelEdit edit) throws IOException {
        try (Model model = Model.load(edit, threads);
                Model base = Model.load(first, threads)) {
            int[] tokens = model.tokenizer().encode(text);
            int context = Math.min(CONTEXT, Math.min(model.contextLength(), tokens.length));
            Windows cut = Windows.of(context).limit(windows);
            if (model.tokenizer().addsBos()) {
                cut = cut.beginningWith(model.tokenizer().bos().orElseThrow());
            }
            Divergence measured = Divergence.between(
                    base.languageModel(),
                    model.languageModel(),
                    tokens,
                    cut,
                    CacheType.F32,
                    (done, total, value) -> {});
            return new Worth(
                    edit.parameterCount(), edit.byteCount(), measured.model().value(), measured.mean(), speed(model));
        }
    }

    private double speed(Model model) {
        double best = 0;
        try (Session session = model.newSession()) {
            for (int run = 0; run < RUNS; run++) {
                GenerationResult result = session.generate(text.substring(0, Math.min(text.length(), 200)))
                        .maxTokens(TOKENS)
                        .run();
                best = Math.max(best, result.stats().decodeTokensPerSecond());
            }
        }
        return best;
    }
}
