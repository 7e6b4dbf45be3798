package dev.lathe.retrieval;

import dev.lathe.tensor.Workers;
import dev.lathe.text.ChatMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Passages of text, found by meaning and put into prompts: a {@link Datastore} whose payloads are texts. Equal passages
 * are kept once. Thread-safe.
 *
 * <p>Lewis et al., "Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks", 2020, arXiv 2005.11401; passages
 * as part of the prompt: Ram et al., "In-Context Retrieval-Augmented Language Models", 2023, arXiv 2302.00083, section
 * 3.
 */
public final class Passages implements AutoCloseable {
    private static final String PROBE = "passage";

    private final TextEmbedder documents;
    private final TextEmbedder questions;
    private final Datastore datastore;

    private Passages(TextEmbedder documents, TextEmbedder questions, Datastore datastore) {
        this.documents = documents;
        this.questions = questions;
        this.datastore = datastore;
    }

    /**
     * Opens a file, or makes it. The caller closes it. The file knows who made its vectors, by the bits of one of them.
     *
     * @param documents makes the vectors of passages
     * @param questions makes those of questions; some models want another prompt before these
     * @param workers the threads that search; they stay the caller's
     * @throws DatastoreException if the file is damaged, was filled by another embedder, or is open already
     * @throws IOException if it cannot be read or written
     */
    public static Passages open(Path file, TextEmbedder documents, TextEmbedder questions, Workers workers)
            throws IOException {
        Objects.requireNonNull(questions, "questions");
        float[] probe = documents.embed(List.of(PROBE)).getFirst();
        DatastoreOptions options = DatastoreOptions.of(probe.length)
                .origin("passages, %08x".formatted(Arrays.hashCode(probe)))
                .deduplicates(true);
        return new Passages(documents, questions, Datastore.open(file, options, workers));
    }

    /**
     * Adds passages. When it returns they are on the disk and can be found.
     *
     * @return their ids; an equal passage has the id of the one that was there
     * @throws IOException if they cannot be written
     */
    public int[] add(List<String> texts) throws IOException {
        List<float[]> vectors = documents.embed(texts);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            entries.add(Entry.of(vectors.get(i), texts.get(i)));
        }
        return datastore.append(entries);
    }

    /**
     * The passages nearest to a question, the nearest first.
     *
     * @param count the most to find, at least 1
     * @throws IOException if they cannot be read
     */
    public List<Passage> find(String question, int count) throws IOException {
        float[] query = questions.embed(List.of(question)).getFirst();
        List<Passage> found = new ArrayList<>();
        for (Neighbor neighbor : datastore.search(query, count)) {
            String text = new String(datastore.payload(neighbor.id()), StandardCharsets.UTF_8);
            found.add(new Passage(neighbor.id(), text, neighbor.score()));
        }
        return found;
    }

    /**
     * A question with the passages nearest to it, as a user's message. To a chat template all of it is what a user
     * wrote.
     *
     * @param count the most passages
     * @throws IOException if they cannot be read
     */
    public ChatMessage ask(String question, int count) throws IOException {
        StringBuilder content = new StringBuilder("Answer the question from these passages.\n");
        int number = 0;
        for (Passage passage : find(question, count)) {
            content.append("\n[")
                    .append(++number)
                    .append("] ")
                    .append(passage.text())
                    .append('\n');
        }
        return ChatMessage.user(content.append("\nQuestion: ").append(question).toString());
    }

    /**
     * A text with the passages nearest to its end before it, the nearest one last: for models that continue texts.
     *
     * @param text what is to be continued
     * @param queryCharacters so many of its last characters are the question
     * @param count the most passages
     * @throws IOException if they cannot be read
     */
    public String before(String text, int queryCharacters, int count) throws IOException {
        if (queryCharacters < 1) {
            throw new IllegalArgumentException("a question of " + queryCharacters + " characters: expected at least 1");
        }
        StringBuilder prompt = new StringBuilder();
        for (Passage passage : find(text.substring(Math.max(0, text.length() - queryCharacters)), count)
                .reversed()) {
            prompt.append(passage.text()).append("\n\n");
        }
        return prompt.append(text).toString();
    }

    /** The entries. */
    public Datastore datastore() {
        return datastore;
    }

    /** Frees the memory and lets others open the file. */
    @Override
    public void close() throws IOException {
        datastore.close();
    }
}
