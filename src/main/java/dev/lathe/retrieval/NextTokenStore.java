package dev.lathe.retrieval;

import dev.lathe.model.CacheType;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.LayeredState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * What came next in earlier texts: a {@link Datastore} with an entry for each position, found by the model's final
 * hidden state there and labelled with the token that followed.
 *
 * <p>A store belongs to the model that filled it. Its file says which: the bits of the hidden state of one token, which
 * are the same on every machine. Thread-safe.
 */
public final class NextTokenStore implements AutoCloseable {
    /**
     * The longest context that a position is evaluated with; half of it is the shortest, but for the first positions.
     */
    static final int WINDOW = 512;

    private final LayeredModel model;
    private final OptionalInt firstToken;
    private final Datastore datastore;

    private NextTokenStore(LayeredModel model, OptionalInt firstToken, Datastore datastore) {
        this.model = model;
        this.firstToken = firstToken;
        this.datastore = datastore;
    }

    /**
     * Opens a file, or makes it. The caller closes it before the model.
     *
     * @param model fills it and searches in it
     * @param firstToken what the model wants at the beginning of each window of a text
     * @param options how the vectors are stored
     * @param workers the threads that search; they stay the caller's
     * @throws DatastoreException if the file is damaged, was filled by another model, has other options, or is open
     *     already
     * @throws IOException if it cannot be read or written
     */
    public static NextTokenStore open(
            Path file, LayeredModel model, OptionalInt firstToken, NextTokenOptions options, Workers workers)
            throws IOException {
        float[] probe;
        try (LayeredState state = model.newState(1, CacheType.F32)) {
            state.append(TokenBatch.noLogits(0));
            state.deepen(state.layerCount());
            probe = state.hidden(0);
        }
        String origin =
                "final hidden states, %016x %08x".formatted(model.vocabularyFingerprint(), Arrays.hashCode(probe));
        DatastoreOptions stored = DatastoreOptions.of(probe.length)
                .type(options.type())
                .origin(origin)
                .deduplicates(options.deduplicates());
        return new NextTokenStore(model, firstToken, Datastore.open(file, stored, workers));
    }

    /**
     * Adds the positions of a text. When it returns they are on the disk and count for the next search. Long texts are
     * evaluated in windows that overlap by half.
     *
     * @return how many entries were added: one a token but the last, less those that were there where equal ones are
     *     not kept
     * @throws IllegalArgumentException if a token is outside of the vocabulary; what was added before it stays
     * @throws IOException if they cannot be written
     */
    public int add(int... tokens) throws IOException {
        int before = datastore.nextId();
        int window = Math.min(WINDOW, model.contextLength());
        try (LayeredState state = model.newState(window, CacheType.F32)) {
            for (int scored = 0; scored < tokens.length - 1; ) {
                int from = scored == 0 ? 0 : scored - window / 2;
                int to = Math.min(tokens.length - 1, from + window);
                addWindow(state, tokens, from, scored, to);
                scored = to;
            }
        }
        return datastore.nextId() - before;
    }

    /** Evaluates tokens {@code [from, to)} and adds those from {@code scored} on. */
    private void addWindow(LayeredState state, int[] tokens, int from, int scored, int to) throws IOException {
        int[] window = Arrays.copyOfRange(tokens, from, to);
        if (from > 0 && firstToken.isPresent()) {
            window[0] = firstToken.getAsInt();
        }
        state.rewind(0);
        state.append(TokenBatch.noLogits(window));
        state.deepen(state.layerCount());
        int first = state.openRows() - window.length;
        List<Entry> entries = new ArrayList<>();
        for (int position = scored; position < to; position++) {
            entries.add(Entry.of(state.hidden(first + position - from), tokens[position + 1]));
        }
        datastore.append(entries);
    }

    /** The model with what is found here mixed into its distribution; neither is closed by the other. */
    public NeighborLanguageModel mixed(NeighborOptions options) {
        return new NeighborLanguageModel(model, datastore, options);
    }

    /** The model that fills it. */
    public LayeredModel model() {
        return model;
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
