package dev.lathe.packed;

import dev.lathe.file.OutputFile;
import dev.lathe.file.StagedFiles;
import dev.lathe.packed.PackedTable.Group;
import dev.lathe.packed.PackedTable.Matrix;
import dev.lathe.tensor.store.WeightMemory;
import dev.lathe.tensor.store.WeightStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes the tiles that it is asked for, matrix after matrix, so that one at a time is in memory. The file takes its
 * place at {@link #commit}; before, whatever happens leaves the folder as it was.
 */
final class PackedFileWriter implements WeightStore {
    private static final byte[] ZEROS = new byte[PackedTable.ALIGNMENT];

    private final StagedFiles staged;
    private final OutputFile out;
    private final byte[] header;
    private final boolean keepsNeurons;
    private final WeightMemory others = WeightMemory.open();
    private final List<Group> groups = new ArrayList<>();
    private final Map<String, Matrix> matrices = new LinkedHashMap<>();
    private final List<Integer> checksums = new ArrayList<>();
    private final CRC32C checksum = new CRC32C();
    private int layer = -1;
    private int expert = -1;
    private long groupOffset = PackedTable.ALIGNMENT;
    private long groupBytes;

    PackedFileWriter(Path target, int version, byte[] hash, boolean keepsNeurons) throws IOException {
        this.keepsNeurons = keepsNeurons;
        header = PackedFile.header(version, hash);
        staged = new StagedFiles(List.of(target));
        try {
            out = staged.create(0);
            out.write(ByteBuffer.wrap(header));
            out.write(ByteBuffer.wrap(ZEROS, 0, PackedTable.ALIGNMENT - header.length));
        } catch (IOException | RuntimeException | Error failure) {
            close();
            throw failure;
        }
    }

    @Override
    public boolean keepsNeurons() {
        return keepsNeurons;
    }

    @Override
    public void beginLayer(int next) {
        beginGroup();
        layer = next;
        expert = -1;
    }

    @Override
    public void beginExpert(int next) {
        beginGroup();
        expert = next;
    }

    private void beginGroup() {
        try {
            endGroup();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Tiles tiles(String name, long byteCount, Packing packing) throws IOException {
        pad(PackedTable.align(groupBytes, PackedTable.LINE_BYTES) - groupBytes);
        try (WeightMemory passing = WeightMemory.open()) {
            MemorySegment tiles = passing.allocate(byteCount);
            int variant = packing.pack(tiles);
            Matrix matrix = new Matrix(groups.size(), groupBytes, byteCount, variant);
            if (matrices.put(name, matrix) != null) {
                throw new IllegalStateException("two matrices are called " + name);
            }
            for (long at = 0; at < byteCount; at += PackedTable.CHUNK_BYTES) {
                write(tiles.asSlice(at, Math.min(PackedTable.CHUNK_BYTES, byteCount - at))
                        .asByteBuffer());
            }
            return new Tiles(tiles, variant); // nobody computes with what is loaded into a file
        }
    }

    private void pad(long count) throws IOException {
        write(ByteBuffer.wrap(ZEROS, 0, (int) count));
    }

    /** Bytes of the group, whose checksums end where its mebibytes do. */
    private void write(ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        while (bytes.position() < end) {
            int inChunk = (int) (groupBytes % PackedTable.CHUNK_BYTES);
            int count = Math.min(end - bytes.position(), PackedTable.CHUNK_BYTES - inChunk);
            bytes.limit(bytes.position() + count);
            checksum.update(bytes.duplicate());
            out.write(bytes);
            bytes.limit(end);
            groupBytes += count;
            if (groupBytes % PackedTable.CHUNK_BYTES == 0) {
                endChunk();
            }
        }
    }

    private void endChunk() {
        checksums.add((int) checksum.getValue());
        checksum.reset();
    }

    private void endGroup() throws IOException {
        if (groupBytes % PackedTable.CHUNK_BYTES != 0) {
            endChunk();
        }
        int[] sums = checksums.stream().mapToInt(Integer::intValue).toArray();
        groups.add(new Group(layer, expert, groupOffset, groupBytes, sums));
        long next = PackedTable.align(groupOffset + groupBytes, PackedTable.ALIGNMENT);
        out.write(ByteBuffer.wrap(ZEROS, 0, (int) (next - groupOffset - groupBytes)));
        groupOffset = next;
        groupBytes = 0;
        checksums.clear();
    }

    /** Writes the table and moves the file to its place. */
    void commit() throws IOException {
        endGroup();
        byte[] table = new PackedTable(groups, matrices).encode();
        out.write(ByteBuffer.wrap(table));
        out.write(ByteBuffer.wrap(PackedFile.trailer(header, table, groupOffset)));
        out.close();
        staged.commit();
    }

    @Override
    public WeightMemory memory() {
        return others;
    }

    @Override
    public void close() {
        others.close();
        try {
            staged.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
