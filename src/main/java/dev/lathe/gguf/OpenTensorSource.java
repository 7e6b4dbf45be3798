package dev.lathe.gguf;

import java.nio.file.Path;
import java.util.List;

/** A source that owns open files until closed. Mappings outlive it. */
public interface OpenTensorSource extends TensorSource, AutoCloseable {
    /** The files that decide what the tensors are: while none of them changes, no tensor does. */
    List<Path> files();

    @Override
    void close();
}
