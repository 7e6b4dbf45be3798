package dev.lathe.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model's name: {@code owner/repository}, {@code owner/repository:Q4_K_M} or {@code owner/repository/file.gguf}, with
 * {@code @revision} at its end.
 *
 * @param repository {@code owner/repository}
 * @param quantization how the wanted file is quantized, as file names tell it; upper or lower case
 * @param file the wanted file's path in the repository
 * @param revision a branch, a tag or a commit
 */
public record ModelName(String repository, Optional<String> quantization, Optional<String> file, String revision) {
    private static final String DEFAULT_REVISION = "main";
    private static final String PART = "[A-Za-z0-9](?:[A-Za-z0-9_]|[.-](?![.-])){0,95}";
    private static final Pattern NAME =
            Pattern.compile("(" + PART + "/" + PART + ")(?::([A-Za-z0-9][\\w.-]*)|/([^@]+?))?(?:@([^@]+))?");

    /** Checks that the parts are safe as paths. */
    public ModelName {
        file.ifPresent(path -> require(RepositoryFile.isSafe(path), path, "no path in a repository"));
        require(RepositoryFile.isSafe(revision), revision, "no revision");
        require(!repository.endsWith(".gguf") && !repository.endsWith(".git"), repository, "no repository");
    }

    private static void require(boolean holds, String part, String what) {
        if (!holds) {
            throw new IllegalArgumentException("'" + part + "' is " + what + ": expected a model's name such as "
                    + "owner/repository, owner/repository:Q4_K_M or owner/repository/file.gguf");
        }
    }

    /**
     * Reads a name.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static ModelName parse(String text) {
        Matcher name = NAME.matcher(text);
        require(name.matches(), text, "no model's name");
        return new ModelName(
                name.group(1),
                Optional.ofNullable(name.group(2)),
                Optional.ofNullable(name.group(3)),
                Optional.ofNullable(name.group(4)).orElse(DEFAULT_REVISION));
    }

    /** The name that a text is, if it is one; paths like {@code ../model.gguf} or {@code models/file.gguf} are none. */
    public static Optional<ModelName> find(String text) {
        try {
            return Optional.of(parse(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** Whether the revision is a commit, whose files never change. */
    boolean isCommit() {
        return RepositoryListing.isCommit(revision);
    }

    @Override
    public String toString() {
        return repository
                + quantization.map(tag -> ":" + tag).orElse("")
                + file.map(path -> "/" + path).orElse("")
                + (revision.equals(DEFAULT_REVISION) ? "" : "@" + revision);
    }
}
