package dev.lathe.packed;

import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/** Tiles of a packed file in memory of their own; when they are there is for subclasses to say. */
abstract class PackedWeights implements WeightStore {
    final PackedTable table;
    final WeightMemory memory = WeightMemory.open();
    final MemorySegment[] groups; // where the tiles of each are, when they are
    private final Path path;

    PackedWeights(PackedFile file) {
        path = file.path();
        table = file.table();
        groups = new MemorySegment[table.groups().size()];
    }

    @Override
    public final Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
        return table.tiles(name, byteCount, path, groups);
    }

    @Override
    public final Optional<Path> file() {
        return Optional.of(path);
    }

    @Override
    public final WeightMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
