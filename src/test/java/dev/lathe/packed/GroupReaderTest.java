package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.file.InputFile;
import dev.lathe.packed.PackedTable.Group;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupReaderTest {
    private static final long PAGE = InputFile.DIRECT_BYTES;

    @TempDir
    Path folder;

    /** Whether files of the folder can be read around the page cache. */
    static boolean hasAround(Path path) throws IOException {
        Optional<InputFile> around = InputFile.openAround(path);
        try (Closeable _ = () -> InputFile.closeAll(around.stream().toList())) {
            return around.isPresent();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 64})
    void ofThreeReadsTheSecondGoesAroundThePageCacheWhereverThePlaceIs(long offset) throws IOException {
        Path path = PackedFileTest.write(folder);
        boolean hasAround = hasAround(path);
        try (PackedFile file = PackedFile.open(path, 1, new byte[PackedFile.HASH_BYTES]);
                GroupReader reader = new GroupReader(file, layers(file));
                Arena arena = Arena.ofConfined()) {
            for (int read = 0; read < 3; read++) {
                for (Group group : layers(file)) {
                    MemorySegment expected = arena.allocate(group.byteCount());
                    file.read(group, expected);
                    assertEquals(hasAround && read == 1, reader.isAround(group));
                    MemorySegment place = arena.allocate(
                                    offset + PackedTable.align(group.byteCount(), (int) PAGE), PAGE)
                            .asSlice(offset);
                    reader.read(group, place);
                    assertEquals(-1, expected.mismatch(place.asSlice(0, group.byteCount())));
                }
            }
            long all = layers(file).stream().mapToLong(Group::byteCount).sum();
            assertEquals(3 * all, reader.reading().bytes());
            assertEquals(hasAround ? all : 0, reader.reading().bytesAround());
            assertTrue(reader.reading().time().toNanos() > 0);
        }
    }

    private static List<Group> layers(PackedFile file) {
        return file.table().groups().stream()
                .filter(group -> group.layer() >= 0)
                .toList();
    }

    @Test
    void piecesAndTheLastBytesOfAPlaceAreTheGroupsAlone() throws IOException {
        Path path = PackedFileTest.write(folder);
        try (PackedFile file = PackedFile.open(path, 1, new byte[PackedFile.HASH_BYTES]);
                GroupReader reader = new GroupReader(file, layers(file));
                Arena arena = Arena.ofConfined()) {
            for (Group group : layers(file)) {
                MemorySegment expected = arena.allocate(group.byteCount());
                file.read(group, expected);
                MemorySegment place = arena.allocate(group.byteCount() + 64, 64).asSlice(0, group.byteCount());
                for (int piece = group.chunks() - 1; piece >= 0; piece--) {
                    reader.read(group, place, piece, piece + 1, hasAround(path));
                }
                assertEquals(-1, expected.mismatch(place));
            }
            assertEquals(0, reader.reading().bytes(), "of groups that were read whole");
        }
    }
}
