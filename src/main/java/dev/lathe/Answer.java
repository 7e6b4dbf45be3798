package dev.lathe;

import dev.lathe.chat.ReplyParser;
import dev.lathe.chat.ReplyPiece;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationLoop;
import dev.lathe.decode.Token;
import dev.lathe.serve.Admission;
import dev.lathe.serve.Tenant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;

/**
 * What an {@link Engine} answers to a request: tokens that come while it is generated, and a result at the end. Read as
 * a whole, token by token, or as a publisher, by any number of readers: each gets all tokens from the first on. The
 * generation does not wait for its readers. Thread-safe.
 *
 * <p>An answer that is cancelled, or whose time is over, has a result, with the tokens until then.
 */
public final class Answer implements Iterable<Token> {
    private final Admission.Place place;
    private final Prompt prompt;
    private final Optional<Tenant.Share> share;
    private final List<Token> tokens = new ArrayList<>(); // guarded by itself, as all below
    private final CompletableFuture<GenerationResult> future = new CompletableFuture<>();
    private GenerationLoop loop;
    private boolean isCancelled;
    private boolean ended;

    Answer(Admission.Place place, Prompt prompt, Optional<Tenant.Share> share) {
        this.place = place;
        this.prompt = prompt;
        this.share = share;
    }

    /**
     * Waits for the end.
     *
     * @throws CancellationException if the waiting thread is interrupted; it stays so, and the answer goes on
     * @throws RuntimeException what the strategy or a listener threw, or else the model
     */
    public GenerationResult result() {
        try {
            return future.get();
        } catch (InterruptedException e) {
            throw interrupted();
        } catch (ExecutionException e) {
            throw unchecked(e.getCause());
        }
    }

    /** The result when it is there; to cancel this future does not cancel the answer. */
    public CompletableFuture<GenerationResult> future() {
        return future.copy();
    }

    /** Whether it has ended. */
    public boolean hasEnded() {
        return future.isDone();
    }

    /** Asks for the end: at once in the queue, after it as soon as the pass under way is done. Does not wait. */
    public void cancel() {
        place.withdraw();
        synchronized (tokens) {
            isCancelled = true;
            if (loop != null) {
                loop.cancel();
            }
        }
    }

    /**
     * The tokens from the first on; {@code hasNext} waits for the next one.
     *
     * <p>It throws what {@link #result} throws.
     */
    @Override
    public Iterator<Token> iterator() {
        return new Iterator<>() {
            private int index;

            @Override
            public boolean hasNext() {
                return await(index).isPresent();
            }

            @Override
            public Token next() {
                return await(index++).orElseThrow(() -> new NoSuchElementException("the answer has ended"));
            }
        };
    }

    /** The answer taken apart into what is said, thought and called, from the first piece on; waits like a reader. */
    public Iterable<ReplyPiece> pieces() {
        return () -> new ReplyPieces(iterator(), newParser());
    }

    /** Takes the answer's tokens apart as {@link #pieces} does, for a reader that is given them by a listener. */
    public ReplyParser newParser() {
        return prompt.newParser();
    }

    /** The tokens from the first on, for each subscriber at its own pace and on a virtual thread of its own. */
    public Flow.Publisher<Token> publisher() {
        return subscriber -> AnswerSubscription.start(this, subscriber);
    }

    /** The token at an index; empty if the answer has ended before it. Waits. */
    Optional<Token> await(int index) {
        synchronized (tokens) {
            while (index >= tokens.size() && !ended) {
                try {
                    tokens.wait();
                } catch (InterruptedException e) {
                    throw interrupted();
                }
            }
            if (index < tokens.size()) {
                return Optional.of(tokens.get(index));
            }
        }
        result();
        return Optional.empty();
    }

    boolean isCancelled() {
        synchronized (tokens) {
            return isCancelled;
        }
    }

    /** Ends a generation that is under way, for a reason that is not the caller's. */
    void stop(FinishReason reason) {
        synchronized (tokens) {
            if (loop != null) {
                loop.end(reason);
            }
        }
    }

    /** What its tenant has reserved for it. */
    Optional<Tenant.Share> share() {
        return share;
    }

    Admission.Place place() {
        return place;
    }

    /** Cancels a generation that begins after it was cancelled. */
    void attach(GenerationLoop started) {
        synchronized (tokens) {
            loop = started;
            if (isCancelled) {
                loop.cancel();
            }
        }
    }

    void add(Token token) {
        synchronized (tokens) {
            tokens.add(token);
            tokens.notifyAll();
        }
    }

    List<Token> tokens() {
        synchronized (tokens) {
            return List.copyOf(tokens);
        }
    }

    /** Ends it with a result or else with a failure. */
    void end(GenerationResult result, Throwable failure) {
        if (failure == null) {
            future.complete(result);
        } else {
            future.completeExceptionally(failure);
        }
        synchronized (tokens) {
            loop = null; // which holds the text's memory
            ended = true;
            tokens.notifyAll();
        }
    }

    void awaitEnd() {
        try {
            future.join();
        } catch (CompletionException failed) {
            assert hasEnded() : failed;
        }
    }

    private static CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("the thread that waited for the answer was interrupted; the answer goes on");
    }

    private static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException exception ? exception : new IllegalStateException(failure);
    }
}
