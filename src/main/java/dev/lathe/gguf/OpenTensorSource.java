package dev.lathe.gguf;

/** A source that owns open files until closed. Mappings outlive it. */
public interface OpenTensorSource extends TensorSource, AutoCloseable {
    @Override
    void close();
}
