package dev.lathe.model;

import java.nio.file.Path;
import java.util.Objects;

/**
 * How many bytes of keys and values of a model's texts may be in memory, and where the others go.
 *
 * @param byteCount the most bytes in memory; passes need room for the pages that they write to
 * @param folder of a file that no other process sees; not on a file system in memory
 */
public record PageLimit(long byteCount, Path folder) {
    /** Checks both. */
    public PageLimit {
        Objects.requireNonNull(folder, "folder");
        if (byteCount < 1) {
            throw new IllegalArgumentException("a limit of " + byteCount + " bytes of keys and values: expected bytes");
        }
    }
}
