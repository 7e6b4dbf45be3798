package dev.lathe.retrieval;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** A datastore's file that is damaged, or is another than was asked for. */
public final class DatastoreException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    DatastoreException(Path file, String reason) {
        super(file.toString(), null, reason);
    }
}
