package dev.lathe.hub;

import dev.lathe.text.json.JsonException;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a repository's files are kept, as Hugging Face's own client keeps them:
 *
 * <pre>
 * models--OWNER--REPOSITORY/
 *     blobs/HASH                  each file once; HASH.lathe.part while it comes
 *     snapshots/COMMIT/PATH       symbolic links to blobs
 *     refs/REVISION               the commit that a branch or a tag was when it was last asked for
 *     trees/COMMIT.json           the listing of a commit
 * .locks/models--OWNER--REPOSITORY/HASH.lock
 * </pre>
 *
 * What has its final name is whole: everything is written beside and moved.
 */
final class RepositoryCache {
    private static final String CACHE_TAG = """
            Signature: 8a477f597d28d172789f06886806bc55
            # A cache of models; backups may leave it out.
            """;

    private final Path root;
    private final Path folder;

    RepositoryCache(Path root, String repository) {
        this.root = root;
        this.folder = root.resolve(folderName(repository));
    }

    private static String folderName(String repository) {
        return "models--" + repository.replace("/", "--");
    }

    Path snapshot(String commit) {
        return folder.resolve("snapshots", commit);
    }

    Path file(String commit, String path) {
        return snapshot(commit).resolve(path);
    }

    Path blob(RepositoryFile file) {
        return folder.resolve("blobs", file.etag());
    }

    /** What has come of a file so far. */
    Path part(RepositoryFile file) {
        return folder.resolve("blobs", file.etag() + ".lathe.part");
    }

    /** Keeps others from downloading the same file, threads and processes, until it is closed. */
    BlobLock lock(RepositoryFile file) throws IOException, InterruptedException {
        Path lock = root.resolve(".locks", folder.getFileName().toString(), file.etag() + ".lock");
        Files.createDirectories(lock.getParent());
        return BlobLock.acquire(lock);
    }

    /** Makes the folders that a download needs, and keeps the listing. */
    void prepare(RepositoryListing listing) throws IOException {
        Files.createDirectories(folder.resolve("blobs"));
        Files.createDirectories(snapshot(listing.commit()));
        Path kept = listingFile(listing.commit());
        if (Files.notExists(kept)) {
            write(kept, listing.toJson());
        }
        Path tag = root.resolve("CACHEDIR.TAG");
        if (Files.notExists(tag)) {
            write(tag, CACHE_TAG);
        }
    }

    /** The commit that a branch or a tag was when it was last asked for. */
    Optional<String> commit(String revision) throws IOException {
        if (RepositoryListing.isCommit(revision)) {
            return Optional.of(revision);
        }
        Path ref = folder.resolve("refs").resolve(revision);
        return Files.isRegularFile(ref)
                ? Optional.of(Files.readString(ref).strip()).filter(RepositoryListing::isCommit)
                : Optional.empty();
    }

    void keepCommit(String revision, String commit) throws IOException {
        if (!commit(revision).equals(Optional.of(commit))) {
            write(folder.resolve("refs").resolve(revision), commit);
        }
    }

    /** The listing of a commit, if it was kept and can be read. */
    Optional<RepositoryListing> listing(String commit) throws IOException {
        Path file = listingFile(commit);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return RepositoryListing.parse(commit, JsonValue.read(file));
        } catch (JsonException | HubException e) {
            throw new HubException(file + " is no listing of files; delete it (" + e.getMessage() + ")", e);
        }
    }

    private Path listingFile(String commit) {
        return folder.resolve("trees", commit + ".json");
    }

    /** The files of a commit that are there, where no listing was kept. */
    RepositoryListing present(String commit) throws IOException {
        Path snapshot = snapshot(commit);
        if (!Files.isDirectory(snapshot)) {
            return new RepositoryListing(commit, List.of());
        }
        List<RepositoryFile> files = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(snapshot)) {
            for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
                String name = snapshot.relativize(path).toString().replace('\\', '/');
                files.add(new RepositoryFile(name, Files.size(path), "", Optional.empty(), Optional.empty()));
            }
        }
        return new RepositoryListing(commit, files);
    }

    /** Makes a blob a file of a commit: by a relative link, or by moving it where there are no links. */
    void link(RepositoryFile file, String commit) throws IOException {
        Path link = file(commit, file.path());
        Files.createDirectories(link.getParent());
        if (Files.isSymbolicLink(link) && Files.notExists(link)) {
            Files.delete(link); // its blob is gone
        }
        try {
            Files.createSymbolicLink(link, link.getParent().relativize(blob(file)));
        } catch (FileAlreadyExistsException e) {
            if (Files.notExists(link)) {
                throw e;
            }
        } catch (UnsupportedOperationException | FileSystemException _) {
            Files.move(blob(file), link, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Path beside = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".tmp");
        try {
            Files.writeString(beside, text);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
