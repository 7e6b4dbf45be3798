package dev.lathe;

import dev.lathe.chat.ReplyParser;
import dev.lathe.chat.ReplyPiece;
import dev.lathe.decode.Token;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** The pieces of a reply, read from its tokens as they come. */
final class ReplyPieces implements Iterator<ReplyPiece> {
    private final Iterator<Token> tokens;
    private final ReplyParser parser;
    private final Deque<ReplyPiece> ready = new ArrayDeque<>();
    private boolean finished;

    ReplyPieces(Iterator<Token> tokens, ReplyParser parser) {
        this.tokens = tokens;
        this.parser = parser;
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && !finished) {
            if (tokens.hasNext()) {
                Token token = tokens.next();
                ready.addAll(parser.accept(token.id(), token.text()));
            } else {
                finished = true;
                ready.addAll(parser.finish());
            }
        }
        return !ready.isEmpty();
    }

    @Override
    public ReplyPiece next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the reply has ended");
        }
        return ready.removeFirst();
    }
}
