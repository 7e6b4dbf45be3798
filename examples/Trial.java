import dev.lathe.GenerationResult;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.compress.ModelEdit;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a model in the making is worth: its perplexity on a text and its speed. */
final class Trial {
    private static final int CONTEXT = 512;
    private static final int TOKENS = 64;
    private static final int RUNS = 3;

    private final String text;
    private final int windows;
    private final LoadOptions threads;

    /** Measures on the first windows of a text. */
    Trial(Path text, int windows, int threads) throws IOException {
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
     * @param tokensPerSecond of decoding, the best of a few short runs
     */
    record Worth(long parameters, long bytes, double perplexity, double tokensPerSecond) {}

    /** Loads the model and measures it. */
    Worth of(ModelEdit edit) throws IOException {
        try (Model model = Model.load(edit, threads)) {
            int[] tokens = model.tokenizer().encode(text);
            int context = Math.min(CONTEXT, Math.min(model.contextLength(), tokens.length));
            Windows cut = Windows.of(context).limit(windows);
            if (model.tokenizer().addsBos()) {
                cut = cut.beginningWith(model.tokenizer().bos().orElseThrow());
            }
            double perplexity =
                    Perplexity.of(model.languageModel(), tokens, cut).value();
            return new Worth(edit.parameterCount(), edit.byteCount(), perplexity, speed(model));
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
