package dev.lathe;

import dev.lathe.chat.ReplyPiece;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.GenerationLoop;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.decode.Token;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The tokens of a running generation, computed as they are asked for. Read once, by one thread; only {@link #cancel}
 * may come from others.
 *
 * <p>Read to its end it closes itself; left early it must be closed, which cancels it and gives the session back. The
 * session's text is then the prompt and the tokens read.
 */
public final class TokenStream implements Iterable<Token>, AutoCloseable {
    private final Prompt prompt;
    private final GenerationLoop loop;
    private final Usage usage;
    private final Consumer<GenerationResult> onEnd;
    private final List<Token> read = new ArrayList<>();
    private boolean iterated;
    private boolean told;

    TokenStream(Prompt prompt, GenerationLoop loop, Usage usage, Consumer<GenerationResult> onEnd) {
        this.prompt = prompt;
        this.loop = loop;
        this.usage = usage;
        this.onEnd = onEnd;
    }

    /**
     * The tokens in their order. {@code hasNext} computes the next one; the first call evaluates the prompt.
     *
     * @throws IllegalStateException if called a second time
     */
    @Override
    public Iterator<Token> iterator() {
        if (iterated) {
            throw new IllegalStateException("this stream of tokens was read already: generate again for another");
        }
        iterated = true;
        return new Iterator<>() {
            private Optional<Token> next = Optional.empty();

            @Override
            public boolean hasNext() {
                if (next.isEmpty()) {
                    next = advance();
                }
                return next.isPresent();
            }

            @Override
            public Token next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("the generation has ended");
                }
                Token token = next.orElseThrow();
                next = Optional.empty();
                return token;
            }
        };
    }

    /** Reads all tokens and closes the stream, also if the action throws. */
    @Override
    public void forEach(Consumer<? super Token> action) {
        try (this) {
            Iterable.super.forEach(action);
        }
    }

    /**
     * The stream taken apart into what is said, thought and called; reads it in place of {@link #iterator}.
     *
     * @throws IllegalStateException if the stream was read before
     */
    public Iterable<ReplyPiece> pieces() {
        return () -> new ReplyPieces(iterator(), prompt.newParser());
    }

    /**
     * Ends the stream: while the prompt is evaluated before the next layer, after it as soon as the pass under way is
     * done. From any thread; does not wait.
     */
    public void cancel() {
        loop.cancel();
    }

    /** Why the generation ended; empty while it has not. */
    public Optional<FinishReason> finishReason() {
        return loop.finishReason();
    }

    /** What was done so far. */
    public GenerationStatistics stats() {
        return loop.statistics();
    }

    /** Ends the generation, cancelled, if it has not ended. */
    @Override
    public void close() {
        try (var _ = usage.enter()) {
            loop.close();
        }
        tellEnd();
    }

    GenerationResult readAll() {
        return readWhile(token -> true);
    }

    /** Reads tokens until one is the last that is wanted. */
    GenerationResult readWhile(Predicate<Token> wanted) {
        forEach(token -> {
            if (!wanted.test(token)) {
                cancel();
            }
        });
        return result();
    }

    boolean hasEnded() {
        return loop.hasEnded();
    }

    private Optional<Token> advance() {
        Optional<Token> token;
        try (var _ = usage.enter()) {
            token = loop.next();
        }
        token.ifPresent(read::add);
        if (loop.hasEnded()) {
            tellEnd();
        }
        return token;
    }

    private void tellEnd() {
        if (!told && loop.finishReason().isPresent()) {
            told = true;
            onEnd.accept(result());
        }
    }

    private GenerationResult result() {
        return GenerationResult.of(prompt, read, loop.finishReason().orElseThrow(), loop.statistics());
    }
}
