package dev.lathe.model;

import dev.lathe.tensor.FloatMatrix;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;

/**
 * A state that does everything by another one; whoever implements it overrides what is to be different, and {@link
 * #fork}. One thread at a time, as the other state.
 */
public interface ForwardingState extends InferenceState {
    /** The state that is asked; this one owns it. */
    InferenceState inner();

    @Override
    default int capacity() {
        return inner().capacity();
    }

    @Override
    default int length() {
        return inner().length();
    }

    @Override
    default FloatMatrix forward(TokenBatch batch) {
        return inner().forward(batch);
    }

    @Override
    default FloatMatrix forward(TokenBatch batch, BooleanSupplier stop) {
        return inner().forward(batch, stop);
    }

    @Override
    default void rewind(int length) {
        inner().rewind(length);
    }

    @Override
    default void keep(int... rows) {
        inner().keep(rows);
    }

    @Override
    default long othersNanos() {
        return inner().othersNanos();
    }

    @Override
    default Snapshot snapshot() {
        return inner().snapshot();
    }

    @Override
    default void restore(Snapshot snapshot) {
        inner().restore(snapshot);
    }

    @Override
    default void read(ReadableByteChannel source) throws IOException {
        inner().read(source);
    }

    @Override
    default StateTransfer send(WritableByteChannel target, int length) throws IOException {
        return inner().send(target, length);
    }

    @Override
    default void receive(ReadableByteChannel source) throws IOException {
        inner().receive(source);
    }

    @Override
    default void pages(ObjLongConsumer<Object> told) {
        inner().pages(told);
    }

    @Override
    default void close() {
        inner().close();
    }
}
