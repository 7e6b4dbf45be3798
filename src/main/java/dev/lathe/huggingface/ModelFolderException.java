package dev.lathe.huggingface;

import java.io.Serial;
import java.nio.file.Path;

/**
 * A folder holds no model that can be read: a file of it is broken, or asks for what Lathe does not have. The message
 * names the file and the field.
 */
public final class ModelFolderException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    ModelFolderException(Path file, RuntimeException cause) {
        super(named(file, String.valueOf(cause.getMessage())), cause);
    }

    private static String named(Path file, String message) {
        return message.startsWith(file.toString()) ? message : file + ": " + message;
    }
}
