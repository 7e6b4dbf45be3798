package dev.lathe.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.Workers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Passages found by a toy embedder that counts letters. */
class PassagesTest {
    private static final TextEmbedder LETTERS =
            texts -> texts.stream().map(PassagesTest::letters).toList();

    @TempDir
    private Path folder;

    private static float[] letters(String text) {
        float[] counts = new float[27];
        text.toLowerCase(java.util.Locale.ROOT)
                .chars()
                .forEach(letter -> counts[letter >= 'a' && letter <= 'z' ? letter - 'a' : 26]++);
        return counts;
    }

    private Passages open() throws Exception {
        return Passages.open(folder.resolve("passages"), LETTERS, LETTERS, Workers.single());
    }

    @Test
    void theNearestPassagesAreFoundAndStay() throws Exception {
        try (Passages passages = open()) {
            assertArrayEquals(new int[] {0, 1, 2}, passages.add(List.of("zebra zoo", "tea at ten", "größe")));
            assertArrayEquals(new int[] {1, 3}, passages.add(List.of("tea at ten", "cab")));
        }
        try (Passages passages = open()) {
            assertEquals(4, passages.datastore().size());
            List<Passage> found = passages.find("eat ten", 2);
            assertEquals("tea at ten", found.getFirst().text());
            assertTrue(found.get(0).score() > found.get(1).score());
            assertEquals("größe", passages.find("größe", 1).getFirst().text());
        }
    }

    @Test
    void promptsHoldThePassagesAndTheQuestion() throws Exception {
        try (Passages passages = open()) {
            passages.add(List.of("zebra zoo", "tea at ten", "cab"));
            String content = passages.ask("when is tea?", 2).content();
            assertTrue(content.contains("[1] tea at ten\n"), content);
            assertTrue(content.contains("[2] ") && !content.contains("[3] "), content);
            assertTrue(content.endsWith("Question: when is tea?"), content);
            assertEquals("zebra zoo\n\ncab\n\nxxx cab", passages.before("xxx cab", 3, 2));
        }
    }

    @Test
    void aFileBelongsToTheEmbedderThatFilledIt() throws Exception {
        open().close();
        TextEmbedder other = texts ->
                texts.stream().map(text -> new float[27]).peek(v -> v[3] = 1).toList();
        assertThrows(
                DatastoreException.class,
                () -> Passages.open(folder.resolve("passages"), other, other, Workers.single()));
    }
}
