package dev.lathe.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The models that are whole in a cache, whoever put them there. */
final class CacheContents {
    private static final String PREFIX = "models--";

    private final Path root;
    private final List<CachedModel> models = new ArrayList<>();

    private CacheContents(Path root) {
        this.root = root;
    }

    static List<CachedModel> of(Path root) throws IOException {
        CacheContents contents = new CacheContents(root);
        for (Path folder : folders(root)) {
            String name = folder.getFileName().toString();
            if (name.startsWith(PREFIX)) {
                contents.addRepository(folder, name.substring(PREFIX.length()).replace("--", "/"));
            }
        }
        return List.copyOf(contents.models);
    }

    private void addRepository(Path folder, String repository) throws IOException {
        RepositoryCache cache = new RepositoryCache(root, repository);
        Optional<String> main = cache.commit("main");
        for (Path snapshot : folders(folder.resolve("snapshots"))) {
            String commit = snapshot.getFileName().toString();
            String revision = main.equals(Optional.of(commit)) ? "main" : commit;
            RepositoryListing present = cache.present(commit);
            Set<Optional<String>> names = new LinkedHashSet<>();
            for (RepositoryFile file : present.files()) {
                names.add(file.path().endsWith(".gguf") ? Optional.of(file.path()) : Optional.empty());
            }
            Set<Path> found = new LinkedHashSet<>();
            for (Optional<String> file : names) {
                ModelName.find(repository + file.map(path -> "/" + path).orElse("") + "@" + revision)
                        .ifPresent(name -> add(name, present, cache, found));
            }
        }
    }

    private void add(ModelName name, RepositoryListing present, RepositoryCache cache, Set<Path> found) {
        try {
            FileChoice choice =
                    name.file().isPresent() ? FileChoice.of(name, present) : FileChoice.folder(name, present);
            Optional<String> file = choice.file().map(RepositoryFile::path);
            Path path = file.map(first -> cache.file(present.commit(), first)).orElse(cache.snapshot(present.commit()));
            if (found.add(path)) {
                ModelName first = new ModelName(name.repository(), Optional.empty(), file, name.revision());
                long bytes =
                        choice.files().stream().mapToLong(RepositoryFile::size).sum();
                models.add(new CachedModel(first, present.commit(), bytes, path));
            }
        } catch (HubException _) { // a part of it is missing
            return;
        }
    }

    private static List<Path> folders(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(Files::isDirectory).sorted().toList();
        }
    }
}
