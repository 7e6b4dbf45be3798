package dev.lathe.packed;

import dev.lathe.file.InputFile;
import dev.lathe.packed.PackedTable.Group;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * An open packed file. Reads are checked and may run at the same time; nothing is mapped.
 *
 * <p>Checksums tell what a disk, a copy or a cut did to a file. Whoever can write it can forge them too, as he could
 * forge the model's own file: then its weights are wrong, but no read leaves its bounds.
 */
final class PackedFile implements Closeable {
    static final byte[] MAGIC = {'L', 'A', 'T', 'H', 'E', 'P', 'K', '2'};
    static final int HASH_BYTES = 32;
    static final int HEADER_BYTES = MAGIC.length + Integer.BYTES + HASH_BYTES;
    static final int TRAILER_BYTES = Long.BYTES + 2 * Integer.BYTES + 8;

    private static final int MOST_TABLE_BYTES = 1 << 28;

    private final InputFile file;
    private final PackedTable table;

    private PackedFile(InputFile file, PackedTable table) {
        this.file = file;
        this.table = table;
    }

    /**
     * Opens a file and checks all but its tiles.
     *
     * @param version of the layout of tiles
     * @param hash of the tensors
     * @throws PackedFileException if it is broken, of another version or of other tensors
     * @throws IOException if it cannot be read
     */
    static PackedFile open(Path path, int version, byte[] hash) throws IOException {
        InputFile file = InputFile.open(path);
        try {
            return new PackedFile(file, table(file, header(version, hash)));
        } catch (IOException | RuntimeException | Error failure) {
            file.close();
            throw failure;
        }
    }

    static byte[] header(int version, byte[] hash) {
        return ByteBuffer.allocate(HEADER_BYTES)
                .put(MAGIC)
                .putInt(version)
                .put(hash)
                .array();
    }

    /** The last bytes of a file whose table is at an offset. */
    static byte[] trailer(byte[] header, byte[] table, long offset) {
        return ByteBuffer.allocate(TRAILER_BYTES)
                .putLong(offset)
                .putInt(table.length)
                .putInt(checksum(header, table, offset))
                .put(MAGIC)
                .array();
    }

    private static int checksum(byte[] header, byte[] table, long offset) {
        CRC32C checksum = new CRC32C();
        checksum.update(header);
        checksum.update(table);
        checksum.update(ByteBuffer.allocate(Long.BYTES).putLong(0, offset));
        return (int) checksum.getValue();
    }

    private static PackedTable table(InputFile file, byte[] header) throws IOException {
        long end = file.byteCount() - TRAILER_BYTES;
        if (end < PackedTable.ALIGNMENT) {
            throw new PackedFileException(file.path(), "has only " + file.byteCount() + " bytes");
        }
        if (!Arrays.equals(header, bytes(file, 0, HEADER_BYTES))) {
            throw new PackedFileException(file.path(), "begins like no packed file of these tensors and this version");
        }
        ByteBuffer trailer = ByteBuffer.wrap(bytes(file, end, TRAILER_BYTES));
        long offset = trailer.getLong();
        int length = trailer.getInt();
        int checksum = trailer.getInt();
        byte[] magic = new byte[MAGIC.length];
        trailer.get(magic);
        if (!Arrays.equals(magic, MAGIC) || length < 0 || length > MOST_TABLE_BYTES || offset != end - length) {
            throw new PackedFileException(file.path(), "has no end: it was cut off or never finished");
        }
        byte[] table = bytes(file, offset, length);
        if (checksum != checksum(header, table, offset)) {
            throw new PackedFileException(file.path(), "has a damaged table");
        }
        try {
            return PackedTable.decode(table, offset);
        } catch (EOFException | UTFDataFormatException e) {
            throw new PackedFileException(file.path(), "has a table that ends early");
        } catch (IOException e) {
            throw new PackedFileException(file.path(), "has a wrong table: " + e.getMessage());
        }
    }

    private static byte[] bytes(InputFile file, long position, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        fill(file, buffer, position);
        return buffer.array();
    }

    private static void fill(InputFile file, ByteBuffer buffer, long position) throws IOException {
        file.fill(buffer, position);
        if (buffer.hasRemaining()) {
            throw new PackedFileException(file.path(), "was shortened while it was read");
        }
    }

    Path path() {
        return file.path();
    }

    PackedTable table() {
        return table;
    }

    /**
     * Reads a group.
     *
     * @param target as many bytes as the group has
     * @throws PackedFileException if its bytes are not those that were written
     * @throws IOException if it cannot be read
     */
    void read(Group group, MemorySegment target) throws IOException {
        read(group, target, 0, group.chunks());
    }

    /**
     * Reads some chunks of a group.
     *
     * @param target as many bytes as the whole group has
     */
    void read(Group group, MemorySegment target, int fromChunk, int toChunk) throws IOException {
        for (int chunk = fromChunk; chunk < toChunk; chunk++) {
            long at = (long) chunk * PackedTable.CHUNK_BYTES;
            ByteBuffer buffer = target.asSlice(at, group.chunkBytes(chunk)).asByteBuffer();
            fill(file, buffer, group.offset() + at);
            check(group, chunk, buffer.flip()); // while its bytes are in the processor's cache
        }
    }

    /** Opens the file once more, for {@link #readAround}; empty where that cannot be done. */
    Optional<InputFile> openAround() throws IOException {
        return InputFile.openAround(file.path());
    }

    /**
     * Reads some chunks of a group around the page cache.
     *
     * @param around of this file
     * @param target as many bytes as the whole group has, and to the next multiple of {@link InputFile#DIRECT_BYTES};
     *     begins at one
     */
    void readAround(InputFile around, Group group, MemorySegment target, int fromChunk, int toChunk)
            throws IOException {
        for (int chunk = fromChunk; chunk < toChunk; chunk++) {
            long at = (long) chunk * PackedTable.CHUNK_BYTES;
            int byteCount = group.chunkBytes(chunk);
            ByteBuffer buffer = target.asSlice(at, PackedTable.align(byteCount, InputFile.DIRECT_BYTES))
                    .asByteBuffer();
            around.fillAround(buffer, group.offset() + at);
            if (buffer.position() < byteCount) {
                throw new PackedFileException(file.path(), "was shortened while it was read");
            }
            check(group, chunk, buffer.flip().limit(byteCount));
        }
    }

    private void check(Group group, int chunk, ByteBuffer bytes) throws PackedFileException {
        long at = (long) chunk * PackedTable.CHUNK_BYTES;
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        if ((int) checksum.getValue() != group.checksums()[chunk]) {
            throw new PackedFileException(
                    file.path(), "is damaged within the mebibyte from byte " + (group.offset() + at) + " on");
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
