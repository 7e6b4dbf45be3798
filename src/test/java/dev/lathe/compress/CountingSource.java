package dev.lathe.compress;

import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Another source; notes each mapping by the tensor's name. */
record CountingSource(TensorSource source, List<String> mapped) implements TensorSource {
    CountingSource(TensorSource source) {
        this(source, Collections.synchronizedList(new ArrayList<>()));
    }

    @Override
    public Metadata metadata() {
        return source.metadata();
    }

    @Override
    public List<TensorInfo> tensors() {
        return source.tensors();
    }

    @Override
    public Optional<TensorInfo> tensor(String name) {
        return source.tensor(name);
    }

    @Override
    public MemorySegment map(TensorInfo tensor, long byteOffset, long byteCount, Arena arena) throws IOException {
        mapped.add(tensor.name());
        return source.map(tensor, byteOffset, byteCount, arena);
    }
}
