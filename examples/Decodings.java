import dev.lathe.Model;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The options that say how tokens are computed. Owns the draft model they name. */
final class Decodings implements AutoCloseable {
    static final String HELP = """
              --decoding NAME     how tokens are computed: autoregressive, speculative, ngram, rsd-c, rsd-s, auto;
                                  default: autoregressive
              --draft FILE        a small model with the same tokenizer that drafts; default for the model in the
                                  repository: its own
            """;

    static final List<String> NAMES = List.of("autoregressive", "speculative", "ngram", "rsd-c", "rsd-s", "auto");

    private static final Path DEFAULT_DRAFT = Program.DEFAULT_MODEL.resolveSibling("lathe-java-draft-f16.gguf");

    private final Model draft;

    private Decodings(Model draft) {
        this.draft = draft;
    }

    /** Loads the draft that the options name; none if they name none for a model of the user's. */
    static Decodings load(Program program) throws IOException {
        Options options = program.options;
        boolean none = options.has("--model") && !options.has("--draft");
        return new Decodings(none ? null : Model.load(options.file("--draft", DEFAULT_DRAFT), program.loadOptions()));
    }

    /** The strategy of a name. */
    Decoding of(String name) {
        return switch (name) {
            case "autoregressive" -> Decoding.autoregressive();
            case "ngram" -> Decoding.speculative(Draft.ngram());
            case "speculative" -> Decoding.speculative(draft(name));
            case "rsd-c" -> Decoding.recursiveSpeculative(draft(name)).branching(2, 1, 1);
            case "rsd-s" -> Decoding.recursiveSpeculative(draft(name)).beam(2, 3);
            case "auto" ->
                draft == null ? Decoding.auto(Draft.ngram()) : Decoding.auto(Draft.ngram(), Draft.model(draft));
            default -> throw new IllegalStateException(name);
        };
    }

    /** The draft by the small model. */
    Draft draft(String name) {
        if (draft == null) {
            throw new Options.UsageException(
                    name + " needs a draft for this model; add --draft FILE, or take ngram, which needs none");
        }
        return Draft.model(draft);
    }

    @Override
    public void close() {
        if (draft != null) {
            draft.close();
        }
    }
}
