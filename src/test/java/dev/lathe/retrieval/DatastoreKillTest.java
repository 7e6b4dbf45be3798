package dev.lathe.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that appends is killed, again and again, on one file: {@code -Dlathe.kills=N} times, three unless told
 * otherwise.
 */
@Slow
class DatastoreKillTest {
    private static final DatastoreOptions OPTIONS = DatastoreOptions.of(64).similarity(Similarity.INNER_PRODUCT);

    @TempDir
    private Path folder;

    private static Entry entry(int number) {
        Random random = new Random(number);
        float[] vector = new float[64];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = random.nextFloat();
        }
        return new Entry(vector, random.nextInt(), new byte[random.nextInt(20_000)]);
    }

    /** Appends for ever, and tells after each call how many entries it was told are there. */
    static final class Appender {
        private Appender() {}

        public static void main(String[] arguments) throws IOException {
            Datastore store = Datastore.open(Path.of(arguments[0]), OPTIONS);
            System.out.println(store.nextId());
            for (Random random = new Random(); ; ) {
                int from = store.nextId();
                store.append(IntStream.range(from, from + 1 + random.nextInt(8))
                        .mapToObj(DatastoreKillTest::entry)
                        .toList());
                System.out.println(store.nextId());
            }
        }
    }

    @Test
    void nothingAcknowledgedIsLost() throws Exception {
        int kills = Integer.getInteger("lathe.kills", 3);
        Path file = folder.resolve("store");
        Random random = new Random();
        int known = 0;
        int cut = 0;
        for (int kill = 0; kill < kills; kill++) {
            int acknowledged = killedAfter(file, random.nextInt(150_000_000));
            assertTrue(acknowledged >= known, "kill " + kill + ": opened with " + acknowledged + " of " + known);
            long before = Files.size(file);
            try (Datastore store = Datastore.open(file, OPTIONS)) {
                cut += Files.size(file) < before ? 1 : 0;
                assertTrue(store.nextId() >= acknowledged, store.nextId() + " of " + acknowledged);
                for (int id = known; id < store.nextId(); id++) {
                    assertArrayEquals(entry(id).vector(), store.vector(id));
                    assertEquals(entry(id).label(), store.label(id));
                    assertEquals(entry(id).payload().length, store.payload(id).length);
                }
                known = store.nextId();
            }
        }
        assertTrue(known > 0);
        if (kills > 3) {
            System.out.println(kills + " kills, " + known + " entries, " + cut + " of them in the middle of a record");
        }
    }

    /** What the process had acknowledged when it was killed, so many nanoseconds after its first word. */
    private int killedAfter(Path file, int nanos) throws Exception {
        Path words = Files.createTempFile(folder, "words", "");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Appender.class.getName(),
                        file.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(words.toFile())
                .start();
        try {
            while (Files.size(words) == 0) {
                assertTrue(process.isAlive(), "the process ended by itself");
                Thread.sleep(1);
            }
            LockSupport.parkNanos(nanos);
        } finally {
            process.destroyForcibly().waitFor(); // kill -9
        }
        return Files.readAllLines(words).stream()
                .mapToInt(Integer::parseInt)
                .max()
                .orElseThrow();
    }
}
