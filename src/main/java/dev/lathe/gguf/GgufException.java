package dev.lathe.gguf;

import java.nio.file.Path;

/**
 * The content of a GGUF file is wrong or is not what was asked for. The message names the field, what was found and
 * what was expected, and ends with the byte offset where the file is known to hold it.
 */
public final class GgufException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String problem;
    private final long byteOffset;

    /**
     * An exception about a field.
     *
     * @param problem what is wrong, in a sentence without its full stop
     * @param byteOffset where in the file the wrong field begins, or -1 where no single place is wrong
     */
    public GgufException(String problem, long byteOffset) {
        super(byteOffset < 0 ? problem : problem + " (at byte " + byteOffset + ")");
        this.problem = problem;
        this.byteOffset = byteOffset;
    }

    /** Where in the file the wrong field begins, or -1 where no single place is wrong. */
    public long byteOffset() {
        return byteOffset;
    }

    /** The same with the file's name. */
    GgufException in(Path file) {
        GgufException named = new GgufException(file + ": " + problem, byteOffset);
        named.setStackTrace(getStackTrace());
        return named;
    }
}
