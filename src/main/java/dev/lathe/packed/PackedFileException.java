package dev.lathe.packed;

import java.io.IOException;
import java.nio.file.Path;

/** A packed file is not what it should be; the message says what is wrong with it. */
public final class PackedFileException extends IOException {
    private static final long serialVersionUID = 1;

    PackedFileException(Path file, String problem) {
        super(file + " " + problem + "; loading the model makes it anew");
    }
}
