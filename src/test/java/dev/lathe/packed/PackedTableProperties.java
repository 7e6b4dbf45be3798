package dev.lathe.packed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.packed.PackedTable.Group;
import dev.lathe.packed.PackedTable.Matrix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** A table comes back as it was; one that was forged is refused or names places within the file, and nothing else. */
class PackedTableProperties {
    private static PackedTable table(Random random, int groupCount) {
        List<Group> groups = new ArrayList<>();
        Map<String, Matrix> matrices = new TreeMap<>();
        long offset = PackedTable.ALIGNMENT;
        for (int group = 0; group < groupCount; group++) {
            long byteCount = random.nextLong(5L * PackedTable.CHUNK_BYTES);
            int[] checksums = random.ints(PackedTable.chunks(byteCount)).toArray();
            groups.add(new Group(group - 1, group > 1 ? group : -1, offset, byteCount, checksums));
            long at = random.nextLong(byteCount / PackedTable.LINE_BYTES + 1) * PackedTable.LINE_BYTES;
            matrices.put("matrix " + group, new Matrix(group, at, random.nextLong(byteCount - at + 1), group % 2));
            offset = PackedTable.align(offset + byteCount, PackedTable.ALIGNMENT);
        }
        return new PackedTable(groups, matrices);
    }

    private static long end(PackedTable table) {
        Group last = table.groups().getLast();
        return PackedTable.align(last.offset() + last.byteCount(), PackedTable.ALIGNMENT);
    }

    @Property(tries = 200)
    void aTableComesBackAsItWas(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int groups) throws IOException {
        PackedTable table = table(new Random(seed), groups);
        PackedTable read = PackedTable.decode(table.encode(), end(table));
        assertEquals(table.matrices(), read.matrices());
        assertArrayEquals(table.encode(), new PackedTable(read.groups(), table.matrices()).encode());
    }

    @Property(tries = 1000)
    void whatIsForgedIsRefusedOrLiesInTheFile(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int groups) {
        Random random = new Random(seed);
        PackedTable table = table(random, groups);
        byte[] bytes = table.encode();
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        long end = end(table);
        PackedTable read;
        try {
            read = PackedTable.decode(bytes, end);
        } catch (IOException refused) {
            return;
        }
        for (Matrix matrix : read.matrices().values()) {
            Group group = read.groups().get(matrix.group());
            assertEquals(0, matrix.offset() % PackedTable.LINE_BYTES);
            assertEquals(true, matrix.byteCount() >= 0 && matrix.offset() >= 0);
            assertEquals(true, matrix.offset() + matrix.byteCount() <= group.byteCount());
            assertEquals(true, group.offset() + group.byteCount() <= end);
        }
    }
}
