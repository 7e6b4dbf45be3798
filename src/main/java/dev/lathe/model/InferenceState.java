package dev.lathe.model;

import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.store.InsufficientMemoryException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;

/**
 * The state of one text in a model: keys and values of the positions evaluated so far.
 *
 * <p>One thread at a time. Every method that changes the state leaves it as if the kept tokens had been evaluated from
 * the start: the next logits are the same to the bit, however the state came about.
 */
public interface InferenceState extends AutoCloseable {
    /** The most positions this state can hold. */
    int capacity();

    /** Positions held now; the next token of a chain gets this position. */
    int length();

    /**
     * Evaluates a batch after the positions held now and appends all its rows in their order.
     *
     * <p>After a tree, the state holds all rows of the tree; {@link #keep} must then leave one path of it before the
     * next pass, unless that pass is the same batch {@linkplain TokenBatch#grow grown}: then its new rows alone are
     * evaluated and appended (any other pass after an unpruned tree throws {@code IllegalStateException}).
     *
     * @return logits [rows wanted x vocabulary], in the order of the rows; valid until the next call on this state,
     *     which may write to them
     * @throws ContextFullException if the rows do not fit; the state is unchanged
     * @throws IllegalArgumentException if a token is outside of the vocabulary, or the batch was grown from another
     *     than the last one; the state is unchanged
     * @throws InsufficientMemoryException if the heap has no room for them; the state is unchanged
     */
    FloatMatrix forward(TokenBatch batch);

    /**
     * Evaluates a batch as {@link #forward(TokenBatch)} does, unless it is stopped.
     *
     * @param stop asked now and then during the pass, such as before each layer
     * @throws java.util.concurrent.CancellationException if it says so; the state is unchanged
     */
    default FloatMatrix forward(TokenBatch batch, BooleanSupplier stop) {
        if (stop.getAsBoolean()) {
            throw new CancellationException("the pass was stopped before it began");
        }
        return forward(batch);
    }

    /**
     * Forgets every position from {@code length} on.
     *
     * @throws IllegalArgumentException if more positions are asked for than are held
     */
    void rewind(int length);

    /**
     * Of the last batch's rows, keeps only the given path and moves it together: afterwards the state holds the text
     * before the batch and these rows.
     *
     * @param rows rows of the last batch, ascending; each one's parent is the row before it in this list (ROOT for the
     *     first)
     * @throws IllegalArgumentException if the rows are no path from the root
     */
    void keep(int... rows);

    /** An immutable copy of the state, which outlives it. Both share what they hold, until the state writes over it. */
    Snapshot snapshot();

    /**
     * Makes this state hold what the snapshot held.
     *
     * @throws IllegalArgumentException if the snapshot comes from another model or does not fit
     */
    void restore(Snapshot snapshot);

    /**
     * Makes this state hold what a snapshot {@linkplain Snapshot#write wrote}, in this process or another one.
     *
     * @param source read as far as the snapshot wrote
     * @throws IOException if the source fails, ends early or has something else; this state is unchanged
     * @throws IllegalArgumentException if the snapshot comes from a model of another shape, from another type of cache,
     *     or does not fit; this state is unchanged
     * @throws InsufficientMemoryException if the heap has no room for it; this state is unchanged
     * @throws UnsupportedOperationException if states of this model are not written
     */
    default void read(ReadableByteChannel source) throws IOException {
        throw new UnsupportedOperationException("states of this model cannot be read: it has no form of them");
    }

    /**
     * Begins to send keys and values: those of the positions held at once, and those that later passes evaluate as soon
     * as a layer is computed and their page is full.
     *
     * @param target written to by another thread until the transfer is finished; once it is closed, until a write under way
     *     returns
     * @param length positions that will be held when it is finished
     * @throws IOException if the target fails
     * @throws UnsupportedOperationException if states of this model are not written
     */
    default StateTransfer send(WritableByteChannel target, int length) throws IOException {
        throw new UnsupportedOperationException("states of this model cannot be sent: it has no form of them");
    }

    /**
     * Makes this state hold what another {@linkplain #send sent}, as {@link #read} does with what a snapshot wrote.
     *
     * @throws IOException if the source fails, ends early or has something else; this state is unchanged
     * @throws IllegalArgumentException if the other state is of a model of another shape, or of another type of cache,
     *     or does not fit; this state is unchanged
     * @throws InsufficientMemoryException if the heap has no room for it; this state is unchanged
     * @throws UnsupportedOperationException if states of this model are not written
     */
    default void receive(ReadableByteChannel source) throws IOException {
        throw new UnsupportedOperationException("states of this model cannot be received: it has no form of them");
    }

    /**
     * Another state of the same model, capacity and cache, which holds the same. Both share what they hold, until one
     * of them writes over it.
     */
    InferenceState fork();

    /**
     * Tells each page of keys and values that this state holds, and its bytes. Pages that several states share are the
     * same objects.
     *
     * @throws UnsupportedOperationException if states of this model do not know
     */
    default void pages(ObjLongConsumer<Object> told) {
        throw new UnsupportedOperationException("states of this model do not tell their pages");
    }

    /**
     * Of the time in passes of this state so far, the nanoseconds that are others': where several texts share a pass, a
     * text's own time is as much of it as its rows are of all rows. 0 where nobody shares.
     */
    default long othersNanos() {
        return 0;
    }

    /** Frees the memory; later calls throw {@code IllegalStateException}. */
    @Override
    void close();

    /** A saved state; opaque. Immutable and thread-safe. */
    interface Snapshot {
        /** Positions held. */
        int length();

        /** Size in memory. */
        long byteCount();

        /**
         * Bytes of whatever holds positions from one on, whole pages counted.
         *
         * @throws UnsupportedOperationException if snapshots of this model have no parts
         */
        default long byteCount(int from) {
            throw new UnsupportedOperationException("snapshots of this model have no parts");
        }

        /**
         * The first positions of this one; both share what they hold.
         *
         * @throws IllegalArgumentException if it holds fewer
         * @throws UnsupportedOperationException if snapshots of this model have no parts
         */
        default Snapshot first(int length) {
            throw new UnsupportedOperationException("snapshots of this model have no parts");
        }

        /**
         * The same positions as this one holds, the pages of the first ones taken from another text that begins alike:
         * what was evaluated twice is held once.
         *
         * @param length positions that both texts have in common
         * @throws IllegalArgumentException if one of them holds fewer, or they are of different models
         * @throws UnsupportedOperationException if snapshots of this model have no parts
         */
        default Snapshot sharing(Snapshot other, int length) {
            throw new UnsupportedOperationException("snapshots of this model have no parts");
        }

        /**
         * Writes keys and values for {@link InferenceState#read}: some integers that say their shape, then the pages as
         * they lie in memory, in the byte order of this machine. Nothing in it says which model's they are.
         *
         * @throws IOException if the target fails
         * @throws UnsupportedOperationException if states of this model are not written
         */
        default void write(WritableByteChannel target) throws IOException {
            throw new UnsupportedOperationException("states of this model cannot be written: it has no form of them");
        }
    }
}
