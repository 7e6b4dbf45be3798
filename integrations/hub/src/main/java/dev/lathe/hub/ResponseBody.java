package dev.lathe.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The bytes of an answer as they come: each piece is waited for a limited time, and waiting can be interrupted. */
final class ResponseBody implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
    /** Told apart from pieces by its identity. */
    private static final List<ByteBuffer> END = new ArrayList<>();

    private final Duration patience;
    /** At most one piece, since each is asked for, then the end or a failure. */
    private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();

    private volatile Flow.Subscription subscription;

    ResponseBody(Flow.Publisher<List<ByteBuffer>> publisher, Duration patience) {
        this.patience = patience;
        publisher.subscribe(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription value) {
        subscription = value;
        value.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> piece) {
        arrived.add(piece);
    }

    @Override
    public void onError(Throwable failure) {
        arrived.add(failure);
    }

    @Override
    public void onComplete() {
        arrived.add(END);
    }

    /**
     * Waits for more.
     *
     * @return nothing at the end
     * @throws TransientException if the connection is cut, or nothing comes for too long
     */
    List<ByteBuffer> next() throws TransientException, InterruptedException {
        Object next = arrived.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (next == null) {
            throw new TransientException("nothing came for " + patience.toMillis() + " ms", null, null);
        }
        if (next instanceof Throwable failure) {
            throw new TransientException("the connection was cut", null, failure);
        }
        @SuppressWarnings("unchecked")
        List<ByteBuffer> piece = (List<ByteBuffer>) next;
        if (piece != END) {
            subscription.request(1);
        }
        return piece;
    }

    /**
     * All of it as an array.
     *
     * @throws IOException if it has more bytes than allowed
     */
    byte[] readAll(int most) throws IOException, InterruptedException {
        var bytes = new java.io.ByteArrayOutputStream();
        for (List<ByteBuffer> piece = next(); !piece.isEmpty(); piece = next()) {
            for (ByteBuffer buffer : piece) {
                if (buffer.remaining() > most - bytes.size()) {
                    throw new HubException("the hub's answer has more than " + most + " bytes; is this a hub?");
                }
                byte[] part = new byte[buffer.remaining()];
                buffer.get(part);
                bytes.write(part);
            }
        }
        return bytes.toByteArray();
    }

    /** Ends the connection where bytes are still to come. */
    @Override
    public void close() {
        subscription.cancel();
    }
}
