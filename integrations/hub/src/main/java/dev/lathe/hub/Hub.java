package dev.lathe.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Models by name: in the cache that Hugging Face's own client uses, or downloaded to it.
 *
 * <pre>{@code
 * Model model = Model.load(Hub.fromEnvironment().find("owner/repository:Q4_K_M"));
 * }</pre>
 *
 * <p>A name without a commit is asked for at the hub each time, so that its newest files are found; a name with one, or
 * {@link HubOptions#offline}, needs no network for what is there. Nothing that is not whole and checked ever has its
 * final name. Threads and processes may ask for the same file at once: one of them downloads it.
 *
 * <p>Immutable and thread-safe. An interrupt ends a download; the next one goes on where it was.
 */
public final class Hub {
    private final HubOptions options;

    /** A hub with these options. */
    public Hub(HubOptions options) {
        this.options = Objects.requireNonNull(options, "options");
    }

    /**
     * The hub and the cache that the environment names.
     *
     * @throws IOException if the file of the token cannot be read
     * @throws IllegalArgumentException if a variable is of no use, with its value
     */
    public static Hub fromEnvironment() throws IOException {
        return new Hub(HubOptions.fromEnvironment());
    }

    /**
     * What to load for a name.
     *
     * @throws IllegalArgumentException if the text is no model's name
     * @throws HubException if there is no such model, or more than one file it may be, or it cannot be had
     * @throws InterruptedIOException if the thread was interrupted, which it stays
     * @throws IOException if the cache cannot be read or written
     */
    public Path find(String name) throws IOException {
        return find(ModelName.parse(name), DownloadProgress.NONE);
    }

    /**
     * What to load for a name: a GGUF file, the first of a split set, or a folder.
     *
     * @throws HubException if there is no such model, or more than one file it may be, or it cannot be had
     * @throws InterruptedIOException if the thread was interrupted, which it stays
     * @throws IOException if the cache cannot be read or written
     */
    public Path find(ModelName name, DownloadProgress progress) throws IOException {
        RepositoryCache cache = new RepositoryCache(options.cache(), name.repository());
        try {
            return options.offline() ? cached(name, cache) : downloaded(name, cache, progress);
        } catch (InterruptedException | ClosedByInterruptException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(name + ": cancelled; the next download goes on from here");
        } catch (HubException e) {
            throw new HubException(name + ": " + e.getMessage(), e);
        }
    }

    /** The models in the cache that are whole, by name. */
    public List<CachedModel> models() throws IOException {
        return CacheContents.of(options.cache());
    }

    private Path cached(ModelName name, RepositoryCache cache) throws IOException {
        String commit = cache.commit(name.revision())
                .orElseThrow(() -> new HubException("it is not in " + options.cache()
                        + ", and nothing is downloaded offline; unset HF_HUB_OFFLINE"));
        RepositoryListing kept = cache.listing(commit).orElse(cache.present(commit));
        FileChoice choice = FileChoice.of(name, kept);
        for (RepositoryFile file : choice.files()) {
            if (Files.notExists(cache.file(commit, file.path()))) {
                throw new HubException(file.path() + " is not in " + options.cache()
                        + ", and nothing is downloaded offline; unset HF_HUB_OFFLINE");
            }
        }
        return path(choice, commit, cache);
    }

    private Path downloaded(ModelName name, RepositoryCache cache, DownloadProgress progress)
            throws IOException, InterruptedException {
        try (HubClient client = new HubClient(options)) {
            String commit = name.isCommit() ? name.revision() : client.commit(name);
            Optional<RepositoryListing> kept = cache.listing(commit);
            RepositoryListing listing = kept.isPresent() ? kept.get() : client.listing(name, commit);
            FileChoice choice = FileChoice.of(name, listing);
            cache.prepare(listing);
            Download download = new Download(client, options, name, progress);
            for (RepositoryFile file : choice.files()) {
                if (Files.notExists(cache.file(commit, file.path()))) {
                    bring(file, name, commit, cache, client, download);
                }
            }
            cache.keepCommit(name.revision(), commit);
            return path(choice, commit, cache);
        }
    }

    private static void bring(
            RepositoryFile file,
            ModelName name,
            String commit,
            RepositoryCache cache,
            HubClient client,
            Download download)
            throws IOException, InterruptedException {
        try (BlobLock _ = cache.lock(file)) {
            if (Files.notExists(cache.blob(file))) {
                download.run(file, client.fileUri(name, commit, file.path()), cache.part(file), cache.blob(file));
            }
            cache.link(file, commit);
        }
    }

    private static Path path(FileChoice choice, String commit, RepositoryCache cache) {
        return choice.file().map(file -> cache.file(commit, file.path())).orElseGet(() -> cache.snapshot(commit));
    }
}
