package dev.lathe.safetensors;

import java.io.Serial;
import java.nio.file.Path;

/**
 * The content of a safetensors file or of its index is wrong. The message names the file, the field and what was found.
 */
public final class SafetensorsException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    SafetensorsException(Path file, String problem) {
        super(file + ": " + problem);
    }

    SafetensorsException(Path file, String problem, Throwable cause) {
        super(file + ": " + problem, cause);
    }
}
