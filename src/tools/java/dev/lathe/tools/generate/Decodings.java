package dev.lathe.tools.generate;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.exit.Exit;
import dev.lathe.tools.command.Options;
import dev.lathe.tools.command.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The strategies that the options know by name. Loads the draft model where one is needed, and owns it. */
final class Decodings implements AutoCloseable {
    static final String HELP = """
              --draft FILE        a small model with the same tokenizer that drafts; default for the model in the
                                  repository: its own
              --layers N          behind how many layers exit decides and self drafts; default: half of the model's
              --threshold X       exit: how much more probable than the second token the best must be, from 0 to 1;
                                  default: 0.5
            """;

    static final List<String> NAMES =
            List.of("autoregressive", "speculative", "ngram", "rsd-c", "rsd-s", "exit", "self", "auto");

    private static final List<String> DRAFTED = List.of("speculative", "rsd-c", "rsd-s", "auto");
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
        requireUse("--draft", name, DRAFTED);
        requireUse("--layers", name, List.of("exit", "self"));
        requireUse("--threshold", name, List.of("exit"));
        return switch (name) {
            case "autoregressive" -> Decoding.autoregressive();
            case "ngram" -> Decoding.speculative(Draft.ngram());
            case "speculative" -> Decoding.speculative(draft(name)).adaptiveDraftLength(8);
            case "rsd-c" -> Decoding.recursiveSpeculative(draft(name)).branching(2, 1, 1);
            case "rsd-s" -> Decoding.recursiveSpeculative(draft(name)).beam(2, 3);
            case "exit" -> exit();
            case "self" -> self();
            case "auto" -> hasDraft() ? Decoding.auto(Draft.ngram(), draft(name)) : Decoding.auto(Draft.ngram());
            default -> throw new IllegalStateException(name);
        };
    }

    private void requireUse(String option, String name, List<String> users) {
        if (options.has(option) && !users.contains(name)) {
            throw new Options.UsageException(option + " is of no use to " + name + " decoding; leave it out, or take "
                    + String.join(" or ", users));
        }
    }

    /** Leaves the model early where a token is sure: another text than the whole model's. */
    Decoding exit() {
        return Decoding.earlyExit(Exit.confidence(options.decimal("--threshold", 0.5f, 0, 1)))
                .layers(layers());
    }

    /** The model's first layers draft for all of it. */
    Decoding self() {
        return Decoding.speculative(Draft.firstLayers(layers())).draftLength(2);
    }

    private int layers() {
        return options.integer("--layers", Math.max(1, layerCount() / 2), 1);
    }

    /** Layers of the model. */
    int layerCount() {
        return model.layerCount();
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
