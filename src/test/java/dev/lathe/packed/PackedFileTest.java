package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.file.InputFile;
import dev.lathe.packed.PackedTable.Group;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedFileTest {
    private static final int[] SIZES = {64, 4032, 4096, 4160, PackedTable.CHUNK_BYTES + 64, 128};

    @TempDir
    Path folder;

    @Test
    void readsAroundThePageCacheGiveTheSameBytes() throws IOException {
        Path path = write(folder);
        try (PackedFile file = PackedFile.open(path, 1, new byte[PackedFile.HASH_BYTES]);
                Arena arena = Arena.ofConfined()) {
            Optional<InputFile> around = file.openAround();
            assumeTrue(around.isPresent(), "no reads around the page cache here");
            for (Group group : file.table().groups()) {
                MemorySegment through = arena.allocate(group.byteCount());
                file.read(group, through);
                MemorySegment other = place(group, arena);
                file.readAround(around.get(), group, other, 0, group.chunks());
                assertEquals(-1, through.mismatch(other.asSlice(0, group.byteCount())));
            }
            around.get().close();
        }
    }

    @Test
    void damageAndCutsAreToldOfReadsAroundThePageCacheToo() throws IOException {
        Path path = write(folder);
        try (PackedFile file = PackedFile.open(path, 1, new byte[PackedFile.HASH_BYTES]);
                Arena arena = Arena.ofConfined()) {
            Optional<InputFile> around = file.openAround();
            assumeTrue(around.isPresent(), "no reads around the page cache here");
            Group group = file.table().groups().get(SIZES.length - 2); // of more than a mebibyte
            MemorySegment place = place(group, arena);
            try (RandomAccessFile damage = new RandomAccessFile(path.toFile(), "rw")) {
                damage.seek(group.offset() + 5);
                damage.write(damage.read() + 1);
                assertThrows(
                        PackedFileException.class,
                        () -> file.readAround(around.get(), group, place, 0, group.chunks()));
                damage.setLength(group.offset() + 4096);
            }
            PackedFileException failure = assertThrows(
                    PackedFileException.class, () -> file.readAround(around.get(), group, place, 0, group.chunks()));
            assertEquals(
                    path + " was shortened while it was read; loading the model makes it anew", failure.getMessage());
            around.get().close();
        }
    }

    private static MemorySegment place(Group group, Arena arena) {
        long byteCount = PackedTable.align(group.byteCount(), InputFile.DIRECT_BYTES);
        return arena.allocate(byteCount, InputFile.DIRECT_BYTES);
    }

    /** A file with a layer of one matrix for each size. */
    static Path write(Path folder) throws IOException {
        Path path = folder.resolve("some.packed");
        try (PackedFileWriter writer = new PackedFileWriter(path, 1, new byte[PackedFile.HASH_BYTES], false)) {
            for (int layer = 0; layer < SIZES.length; layer++) {
                writer.beginLayer(layer);
                int first = layer;
                writer.tiles("layer" + layer, SIZES[layer], tiles -> {
                    for (long i = 0; i < tiles.byteSize(); i++) {
                        tiles.set(ValueLayout.JAVA_BYTE, i, (byte) (first + i * 31 + i / 251));
                    }
                    return 0;
                });
            }
            writer.commit();
        }
        return path;
    }
}
