import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The strategies that the options know by name. Loads the draft model where one is needed, and owns it. */
final class Decodings implements AutoCloseable {
    static final String DRAFT_HELP = """
              --draft FILE        a small model with the same tokenizer that drafts; default for the model in the
                                  repository: its own
            """;

    static final List<String> NAMES = List.of("autoregressive", "speculative", "ngram", "rsd-c", "rsd-s", "auto");

    private static final List<String> DRAFTLESS = List.of("autoregressive", "ngram");
    private static final Path DEFAULT_DRAFT = Program.DEFAULT_MODEL.resolveSibling("lathe-java-draft-f16.gguf");

    private final Options options;
    private final Model model;
    private Model draftModel;

    Decodings(Options options, Model model) {
        this.options = options;
        this.model = model;
    }

    /** The strategy of a name. */
    Decoding of(String name) throws IOException {
        if (options.has("--draft") && DRAFTLESS.contains(name)) {
            throw new Options.UsageException("--draft is of no use to " + name
                    + " decoding; leave it out, or take speculative, rsd-c, rsd-s or auto");
        }
        return switch (name) {
            case "autoregressive" -> Decoding.autoregressive();
            case "ngram" -> Decoding.speculative(Draft.ngram());
            case "speculative" -> Decoding.speculative(draft(name)).adaptiveDraftLength(8);
            case "rsd-c" -> Decoding.recursiveSpeculative(draft(name)).branching(2, 1, 1);
            case "rsd-s" -> Decoding.recursiveSpeculative(draft(name)).beam(2, 3);
            case "auto" -> hasDraft() ? Decoding.auto(Draft.ngram(), draft(name)) : Decoding.auto(Draft.ngram());
            default -> throw new IllegalStateException(name);
        };
    }

    /** Whether there is a draft model for this model. */
    private boolean hasDraft() {
        return options.has("--draft") || !options.has("--model");
    }

    /** The draft by the small model, which computes on the threads of the model it drafts for. */
    Draft draft(String what) throws IOException {
        if (!hasDraft()) {
            throw new Options.UsageException(
                    what + " needs a draft for this model; add --draft FILE, or take ngram, which needs none");
        }
        if (draftModel == null) {
            draftModel = Model.load(options.file("--draft", DEFAULT_DRAFT), LoadOptions.DEFAULT.threadsOf(model));
        }
        return Draft.model(draftModel);
    }

    @Override
    public void close() {
        if (draftModel != null) {
            draftModel.close();
        }
    }
}
