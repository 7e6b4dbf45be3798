package dev.lathe.packed;

import dev.lathe.tensor.store.WeightStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is where in a packed file.
 *
 * @param groups in the order of the file
 * @param matrices by name
 */
record PackedTable(List<Group> groups, Map<String, Matrix> matrices) {
    /** Bytes under one checksum. */
    static final int CHUNK_BYTES = 1 << 20;
    /** What the offsets of groups are multiples of. */
    static final int ALIGNMENT = 4096;
    /** What the offsets of matrices in their group are multiples of. */
    static final int LINE_BYTES = 64;

    private static final int FEWEST_MATRIX_BYTES = 2 + Integer.BYTES + 2 * Long.BYTES + Integer.BYTES;
    private static final int FEWEST_GROUP_BYTES = 2 * Integer.BYTES + 2 * Long.BYTES;

    /**
     * Tiles that are read together.
     *
     * @param layer to which they belong, or -1
     * @param expert of that layer, or -1
     * @param offset in the file
     * @param checksums CRC-32C of each {@value PackedTable#CHUNK_BYTES} bytes
     */
    record Group(int layer, int expert, long offset, long byteCount, int[] checksums) {
        boolean isExpert() {
            return expert >= 0;
        }

        int chunks() {
            return PackedTable.chunks(byteCount);
        }

        int chunkBytes(int chunk) {
            return (int) Math.min(CHUNK_BYTES, byteCount - (long) chunk * CHUNK_BYTES);
        }
    }

    /**
     * The tiles of one matrix.
     *
     * @param group its number
     * @param offset in the group
     */
    record Matrix(int group, long offset, long byteCount, int variant) {}

    static int chunks(long byteCount) {
        return Math.toIntExact((byteCount + CHUNK_BYTES - 1) / CHUNK_BYTES);
    }

    static long align(long offset, int alignment) {
        return (offset + alignment - 1) / alignment * alignment;
    }

    boolean hasExperts() {
        return groups.stream().anyMatch(Group::isExpert);
    }

    /**
     * The tiles of a matrix.
     *
     * @param path of the file, for messages
     * @param memory where each group is, or will be
     * @throws PackedFileException if the file has no such matrix
     */
    WeightStore.Tiles tiles(String name, long byteCount, Path path, MemorySegment... memory)
            throws PackedFileException {
        Matrix matrix = matrices.get(name);
        if (matrix == null || matrix.byteCount() != byteCount) {
            throw new PackedFileException(path, "lacks " + name + " of " + byteCount + " bytes");
        }
        return new WeightStore.Tiles(memory[matrix.group()].asSlice(matrix.offset(), byteCount), matrix.variant());
    }

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(groups.size());
            for (Group group : groups) {
                out.writeInt(group.layer());
                out.writeInt(group.expert());
                out.writeLong(group.offset());
                out.writeLong(group.byteCount());
                for (int checksum : group.checksums()) {
                    out.writeInt(checksum);
                }
            }
            out.writeInt(matrices.size());
            for (Map.Entry<String, Matrix> entry : matrices.entrySet()) {
                out.writeUTF(entry.getKey());
                out.writeInt(entry.getValue().group());
                out.writeLong(entry.getValue().offset());
                out.writeLong(entry.getValue().byteCount());
                out.writeInt(entry.getValue().variant());
            }
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads a table and checks that all it names lies where tiles may be.
     *
     * @param end of the groups in the file
     * @throws IOException if it does not, with the reason
     */
    static PackedTable decode(byte[] bytes, long end) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        List<Group> groups = new ArrayList<>();
        long from = ALIGNMENT;
        for (int left = count(in, FEWEST_GROUP_BYTES); left > 0; left--) {
            int layer = in.readInt();
            int expert = in.readInt();
            require(layer >= -1 && expert >= -1 && (layer >= 0 || expert < 0), "a group belongs to nothing");
            long offset = in.readLong();
            long byteCount = in.readLong();
            require(offset == from && byteCount >= 0 && byteCount <= end - offset, "a group is outside of the file");
            require((byteCount / CHUNK_BYTES) * Integer.BYTES <= in.available(), "checksums are missing");
            int[] checksums = new int[chunks(byteCount)];
            for (int i = 0; i < checksums.length; i++) {
                checksums[i] = in.readInt();
            }
            groups.add(new Group(layer, expert, offset, byteCount, checksums));
            from = align(offset + byteCount, ALIGNMENT);
        }
        require(from == end, "groups do not fill the file");
        Map<String, Matrix> matrices = new HashMap<>();
        for (int left = count(in, FEWEST_MATRIX_BYTES); left > 0; left--) {
            String name = in.readUTF();
            Matrix matrix = new Matrix(in.readInt(), in.readLong(), in.readLong(), in.readInt());
            require(matrix.group() >= 0 && matrix.group() < groups.size(), "a matrix is in no group");
            long room = groups.get(matrix.group()).byteCount();
            require(
                    matrix.offset() >= 0
                            && matrix.offset() % LINE_BYTES == 0
                            && matrix.byteCount() >= 0
                            && matrix.byteCount() <= room
                            && matrix.offset() <= room - matrix.byteCount(),
                    "a matrix is outside of its group");
            require(matrices.put(name, matrix) == null, "a matrix is there twice");
        }
        require(in.available() == 0, "something follows the table");
        return new PackedTable(List.copyOf(groups), Map.copyOf(matrices));
    }

    private static int count(DataInputStream in, int bytesEach) throws IOException {
        int count = in.readInt();
        require(count >= 0 && count <= in.available() / bytesEach, "more is counted than there is");
        return count;
    }

    private static void require(boolean holds, String problem) throws IOException {
        if (!holds) {
            throw new IOException(problem);
        }
    }
}
