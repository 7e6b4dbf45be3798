package dev.lathe.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A datastore's file: what is appended stays, whatever happens to the process; what is not a datastore is refused. */
class DatastoreTest {
    private static final DatastoreOptions OPTIONS = DatastoreOptions.of(4).similarity(Similarity.INNER_PRODUCT);

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("store");
    }

    private static Entry entry(int number) {
        Random random = new Random(number);
        float[] vector = {random.nextInt(9) - 4, random.nextInt(9) - 4, random.nextInt(9) - 4, number};
        return new Entry(
                vector,
                7 * number,
                "payload %d".formatted(number).repeat(number % 3).getBytes());
    }

    private static List<Entry> entries(int from, int to) {
        return IntStream.range(from, to).mapToObj(DatastoreTest::entry).toList();
    }

    private static void assertHolds(Datastore store, int count) throws IOException {
        assertEquals(count, store.nextId());
        for (int id = 0; id < count; id++) {
            assertArrayEquals(entry(id).vector(), store.vector(id));
            assertEquals(entry(id).label(), store.label(id));
            assertArrayEquals(entry(id).payload(), store.payload(id));
        }
    }

    @Test
    void whatWasAppendedIsThereWhenItIsOpenedAgain() throws Exception {
        int[] ids;
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            assertArrayEquals(new int[] {0, 1, 2}, store.append(entries(0, 3)));
            ids = store.append(entries(3, 2500));
            assertHolds(store, 2500);
        }
        assertEquals(2499, ids[ids.length - 1]);
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            assertHolds(store, 2500);
            assertEquals(2500, store.append(entry(2500)));
            assertEquals(
                    2500, store.search(new float[] {0, 0, 0, 1}, 1).getFirst().id());
        }
    }

    @Test
    @Slow
    void everyTruncationOfTheFileKeepsTheEntriesThatAreWhole() throws Exception {
        List<Long> ends = new ArrayList<>();
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            for (int number = 0; number < 9; number++) {
                ends.add(Files.size(file()));
                store.append(entry(number));
            }
        }
        byte[] whole = Files.readAllBytes(file());
        Path cut = folder.resolve("cut");
        for (int length = 0; length <= whole.length; length++) {
            Files.write(cut, java.util.Arrays.copyOf(whole, length));
            int size = length;
            int kept =
                    (int) Math.max(0, ends.stream().filter(end -> end <= size).count() - 1);
            kept += length == whole.length ? 1 : 0;
            try (Datastore store = Datastore.open(cut, OPTIONS)) {
                assertHolds(store, kept);
                assertEquals(kept, store.append(entry(kept)));
            }
            try (Datastore store = Datastore.open(cut, OPTIONS)) {
                assertHolds(store, kept + 1);
            }
        }
    }

    @Test
    void everyDamagedByteIsToldAndNothingIsChanged() throws Exception {
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            store.append(entries(0, 4));
        }
        byte[] whole = Files.readAllBytes(file());
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            Files.write(file(), damaged);
            assertThrows(DatastoreException.class, () -> Datastore.open(file(), OPTIONS), "byte " + at);
            assertArrayEquals(damaged, Files.readAllBytes(file()));
        }
    }

    @Test
    void otherFilesAreRefusedAndStayAsTheyAre() throws Exception {
        for (String text : List.of("hello", "GGUF and more than eight bytes", "LATHEDS2")) {
            Files.writeString(file(), text);
            assertThrows(DatastoreException.class, () -> Datastore.open(file(), OPTIONS));
            assertEquals(text, Files.readString(file()));
        }
        assertThrows(DatastoreException.class, () -> Datastore.open(folder, OPTIONS));
    }

    @Test
    void aFileIsOpenedAsWhatItIsAndOnce() throws Exception {
        try (Datastore store = Datastore.open(file(), OPTIONS.origin("a"))) {
            store.append(entry(0));
            assertThrows(DatastoreException.class, () -> Datastore.open(file(), OPTIONS.origin("a")));
        }
        for (DatastoreOptions other : List.of(
                OPTIONS.origin("b"),
                OPTIONS.origin("a").similarity(Similarity.COSINE),
                OPTIONS.origin("a").type(dev.lathe.tensor.TensorType.F16),
                DatastoreOptions.of(5).similarity(Similarity.INNER_PRODUCT).origin("a"))) {
            String message = assertThrows(DatastoreException.class, () -> Datastore.open(file(), other))
                    .getMessage();
            assertTrue(message.contains("4 F32 INNER_PRODUCT a"), message);
        }
        Datastore.open(file(), OPTIONS.origin("a")).close();
    }

    @Test
    void removedEntriesAreFoundNoMoreAndCopiesLeaveThemOut() throws Exception {
        float[] query = {0, 0, 0, 1};
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            store.append(entries(0, 6));
            assertEquals(2, store.remove(5, 3, 5));
            assertEquals(0, store.remove(3));
            assertThrows(IllegalArgumentException.class, () -> store.remove(0, 6));
        }
        Path copy = folder.resolve("copy");
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            assertEquals(4, store.size());
            assertEquals(List.of(4, 2, 1, 0), ids(store.search(query, 9)));
            assertEquals(List.of(4, 2), ids(store.search(query, 9, (id, label) -> id % 2 == 0 && label > 0)));
            assertEquals(3, store.copyTo(copy, (id, label) -> label > 0));
            assertThrows(FileAlreadyExistsException.class, () -> store.copyTo(copy, EntryFilter.ALL));
            assertEquals(6, store.append(entry(6)));
        }
        try (Datastore store = Datastore.open(copy, OPTIONS)) {
            assertEquals(List.of(7, 14, 28), List.of(store.label(0), store.label(1), store.label(2)));
            assertArrayEquals(entry(4).payload(), store.payload(2));
        }
        assertFalse(Files.exists(folder.resolve("copy.partial")));
    }

    private static List<Integer> ids(List<Neighbor> found) {
        return found.stream().map(Neighbor::id).toList();
    }

    @Test
    void equalEntriesAreKeptOnce() throws Exception {
        DatastoreOptions once = OPTIONS.deduplicates(true);
        try (Datastore store = Datastore.open(file(), once)) {
            assertArrayEquals(new int[] {0, 1, 0}, store.append(List.of(entry(0), entry(1), entry(0))));
            assertArrayEquals(new int[] {1, 2}, store.append(List.of(entry(1), entry(2))));
            Entry otherLabel = new Entry(entry(1).vector(), 1, entry(1).payload());
            assertEquals(3, store.append(otherLabel));
        }
        try (Datastore store = Datastore.open(file(), once)) {
            assertEquals(4, store.nextId());
            assertEquals(2, store.append(entry(2)));
            store.remove(2);
            assertEquals(4, store.append(entry(2)));
            int[] many = store.append(entries(0, 5000));
            assertEquals(4, many[2]);
            assertEquals(5, many[3]);
            assertArrayEquals(many, store.append(entries(0, 5000)));
        }
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            assertEquals(store.nextId(), store.append(entry(0)));
        }
    }

    @Test
    void anInterruptedThreadAppendsAndSearchesAsAnyOther() throws Exception {
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            Thread.currentThread().interrupt();
            store.append(entries(0, 3));
            assertEquals(3, store.search(new float[4], 9).size());
            assertEquals(9, store.payload(1).length);
            assertTrue(Thread.interrupted());
            store.append(entry(3));
        }
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            assertHolds(store, 4);
        }
    }

    @Test
    @Slow
    void searchesRunWhileOthersAppend() throws Exception {
        try (Datastore store = Datastore.open(file(), OPTIONS)) {
            List<Thread> threads = new ArrayList<>();
            for (int writer = 0; writer < 3; writer++) {
                int label = writer;
                threads.add(Thread.ofVirtual().start(() -> append(store, label)));
            }
            while (threads.stream().anyMatch(Thread::isAlive)) {
                int before = store.size();
                assertTrue(store.search(new float[] {1, 0, 0, 0}, 5000).size() >= before);
            }
            assertEquals(1200, store.search(new float[] {1, 0, 0, 0}, 5000).size());
        }
    }

    private static void append(Datastore store, int label) {
        try {
            for (int i = 0; i < 20; i++) {
                store.append(java.util.Collections.nCopies(20, Entry.of(new float[] {i, 0, 0, 0}, label)));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void vectorsThatCannotBeComparedAreRefusedAndNothingIsAppended() throws Exception {
        DatastoreOptions cosine = DatastoreOptions.of(2);
        try (Datastore store = Datastore.open(file(), cosine)) {
            Entry good = Entry.of(new float[] {3, 4}, 0);
            for (float[] bad : new float[][] {{0, 0}, {Float.NaN, 1}, {Float.POSITIVE_INFINITY, 1}, {1}, {1, 2, 3}}) {
                assertThrows(IllegalArgumentException.class, () -> store.append(List.of(good, Entry.of(bad, 0))));
                assertThrows(IllegalArgumentException.class, () -> store.search(bad, 1));
            }
            assertEquals(0, store.size());
            assertEquals(List.of(), store.search(new float[] {1, 0}, 3));
            store.append(good);
            assertArrayEquals(new float[] {0.6f, 0.8f}, store.vector(0));
            assertThrows(IllegalArgumentException.class, () -> store.search(new float[] {1, 0}, 0));
        }
        Datastore closed = Datastore.open(file(), cosine);
        closed.close();
        closed.close();
        assertThrows(IllegalStateException.class, () -> closed.search(new float[] {1, 0}, 1));
        assertThrows(IllegalStateException.class, () -> closed.append(Entry.of(new float[] {1, 0}, 1)));
        assertThrows(IllegalStateException.class, () -> closed.payload(0));
    }
}
