package dev.lathe.gguf;

import java.nio.file.Path;

/** The files {@code STEM-00001-of-0000N.gguf} that together hold one model; a single file is a set of one. */
final class SplitSet {
    static final String INDEX_KEY = "split.no";
    static final String COUNT_KEY = "split.count";
    static final String TENSOR_COUNT_KEY = "split.tensors.count";

    private final Path first;
    private final long count;
    private final String stem;

    /**
     * The set that a file begins.
     *
     * @throws GgufException if the file belongs to a set and is not its first or is not named as one
     */
    SplitSet(Path first, Metadata metadata) {
        this.first = first;
        this.count = Math.max(1, metadata.findInteger(COUNT_KEY).orElse(1));
        if (count == 1) {
            this.stem = "";
            return;
        }
        check(first, metadata, 0);
        String name = first.getFileName().toString();
        if (!name.endsWith(suffix(0))) {
            throw new GgufException(
                            "metadata " + COUNT_KEY + " is " + count + ", so the file's name must end with " + suffix(0)
                                    + " for the others to be found",
                            metadata.byteOffset(COUNT_KEY))
                    .in(first);
        }
        this.stem = name.substring(0, name.length() - suffix(0).length());
    }

    /** How many files there are. */
    long count() {
        return count;
    }

    /** The file with this index, from 0. */
    Path path(int index) {
        return index == 0 ? first : first.resolveSibling(stem + suffix(index));
    }

    /** Checks that a file's metadata makes it the one with this index of this set. */
    void check(Path file, Metadata metadata, int index) {
        expect(file, metadata, INDEX_KEY, index);
        expect(file, metadata, COUNT_KEY, count);
    }

    /** The model's metadata, given the first file's; checks how many tensors were found. */
    Metadata join(Metadata metadata, int tensorCount) {
        if (count == 1) {
            return metadata;
        }
        expect(first, metadata, TENSOR_COUNT_KEY, tensorCount);
        return metadata.toBuilder()
                .remove(INDEX_KEY)
                .remove(COUNT_KEY)
                .remove(TENSOR_COUNT_KEY)
                .build();
    }

    private static void expect(Path file, Metadata metadata, String key, long expected) {
        long found = metadata.integer(key);
        if (found != expected) {
            throw new GgufException(
                            "metadata " + key + " is " + found + ", expected " + expected
                                    + "; open the first file of a split set, with all others beside it",
                            metadata.byteOffset(key))
                    .in(file);
        }
    }

    private String suffix(int index) {
        return suffix(index, count);
    }

    /** How the name of a set's file ends. */
    static String suffix(int index, long count) {
        return String.format("-%05d-of-%05d.gguf", index + 1, count);
    }
}
