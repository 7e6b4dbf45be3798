package dev.lathe.cli;

import dev.lathe.hub.CachedModel;
import dev.lathe.hub.Hub;
import dev.lathe.hub.ModelName;
import dev.lathe.tools.command.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds models by what users call them: a file, a folder, or a name at the hub. */
final class Models {
    /** Opens the hub when a name is to be found. */
    @FunctionalInterface
    interface HubSource {
        Hub open() throws IOException;
    }

    private final HubSource hub;

    Models(HubSource hub) {
        this.hub = hub;
    }

    /**
     * The file or folder, downloaded first if need be.
     *
     * @throws IOException if the text is neither a file nor a name, or the hub does not have it
     */
    Path find(String text) throws IOException {
        Optional<Path> local = local(text);
        if (local.isPresent()) {
            return local.get();
        }
        ModelName name = ModelName.find(text)
                .orElseThrow(() -> new IOException(text + " is neither a file nor a folder nor a model's name such as"
                        + " owner/repository:Q4_K_M"));
        return pull(name);
    }

    private static Optional<Path> local(String text) {
        try {
            return Optional.of(Path.of(text)).filter(Files::exists);
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    /** The file or folder of a name, downloaded first if need be. */
    Path pull(ModelName name) throws IOException {
        return hub.open().find(name, new DownloadBar(new Terminal(System.err, true)));
    }

    /** The models that were downloaded. */
    List<CachedModel> downloaded() throws IOException {
        return hub.open().models();
    }
}
