package dev.lathe.chat;

import dev.lathe.text.StreamDecoder;
import dev.lathe.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a reply token by token: thinking, text and calls. What looks like a call and is none is text. One thread at a
 * time.
 */
public final class ReplyParser {
    private final Tokenizer tokenizer; // null if control tokens mean nothing
    private final TextFormat text;
    private final ThinkingFormat thinking; // null if the model has none
    private final CallReader calls; // null without tools
    private final StringBuilder pending = new StringBuilder(); // spelled, and not yet read
    private final List<ReplyPiece> pieces = new ArrayList<>(); // all
    private int takenCount;
    private Mode mode;
    private boolean afterThinking;
    private boolean begunThinking; // whether anything but blanks was thought

    private enum Mode {
        BEGIN,
        THINKING,
        TEXT,
        CALLS
    }

    ReplyParser(
            Tokenizer tokenizer,
            CallFormat calls,
            TextFormat text,
            ThinkingFormat thinking,
            boolean thinkingIsOpen,
            long idSeed) {
        this.tokenizer = tokenizer;
        this.text = text;
        this.thinking = thinking;
        this.calls = calls == null ? null : new CallReader(calls, idSeed);
        this.mode = thinkingIsOpen ? Mode.THINKING : calls == null && thinking == null ? Mode.TEXT : Mode.BEGIN;
    }

    /** A reader of plain text. */
    public static ReplyParser ofText() {
        return new ReplyParser(null, null, TextFormat.PLAIN, null, false, 0);
    }

    /**
     * What a token makes sure of.
     *
     * @param released the text that it releases
     */
    public List<ReplyPiece> accept(int token, String released) {
        if (tokenizer != null && tokenizer.isControl(token) && !tokenizer.isEndOfGeneration(token)) {
            pending.append(Spelling.control(tokenizer.piece(token)));
        }
        pending.append(released);
        read(false);
        return taken();
    }

    /** What is left when the reply has ended. */
    public List<ReplyPiece> finish() {
        read(true);
        return taken();
    }

    List<ReplyPiece> readAll(int... tokens) {
        List<ReplyPiece> all = new ArrayList<>();
        StreamDecoder decoder = tokenizer.newStreamDecoder();
        for (int token : tokens) {
            all.addAll(accept(token, decoder.accept(token)));
        }
        pending.append(decoder.finish());
        all.addAll(finish());
        return all;
    }

    private List<ReplyPiece> taken() {
        List<ReplyPiece> taken = List.copyOf(pieces.subList(takenCount, pieces.size()));
        takenCount = pieces.size();
        return taken;
    }

    /** All pieces so far as one reply. */
    public Reply reply() {
        return Reply.of(pieces);
    }

    private void read(boolean isLast) {
        boolean goesOn = true;
        while (goesOn) {
            goesOn = switch (mode) {
                case BEGIN -> begin(isLast);
                case THINKING -> think(isLast);
                case TEXT -> say(isLast);
                case CALLS -> call(isLast);
            };
        }
    }

    /** Finds out what comes first. */
    private boolean begin(boolean isLast) {
        String begun = pending.toString().stripLeading();
        boolean canThink = thinking != null && !afterThinking;
        String marker = calls == null ? "" : calls.format().marker();
        if (canThink && begun.startsWith(thinking.open())) {
            take(pending.length() - begun.length() + thinking.open().length());
            return become(Mode.THINKING);
        }
        if (!marker.isEmpty() && begun.startsWith(marker)) {
            take(pending.length() - begun.length());
            return become(Mode.CALLS);
        }
        if (!text.prefix().isEmpty() && begun.startsWith(text.prefix())) {
            take(pending.length() - begun.length() + text.prefix().length());
            return become(Mode.TEXT);
        }
        boolean undecided = canThink && thinking.open().startsWith(begun)
                || marker.startsWith(begun) && !marker.isEmpty()
                || text.prefix().startsWith(begun) && !text.prefix().isEmpty()
                || begun.isEmpty();
        if (undecided && !isLast) {
            return false;
        }
        if (afterThinking) {
            take(pending.length() - begun.length());
        }
        boolean namesFirst = calls != null && marker.isEmpty() && !text.prefix().isEmpty();
        return become(namesFirst && !begun.isEmpty() ? Mode.CALLS : Mode.TEXT);
    }

    private boolean become(Mode next) {
        mode = next;
        return true;
    }

    private void take(int length) {
        pending.delete(0, length);
    }

    private boolean think(boolean isLast) {
        int close = pending.indexOf(thinking.close());
        if (close < 0) {
            emit(isLast ? pending.length() : safe(thinking.close()), true);
            return false;
        }
        emit(pending.substring(0, close).stripTrailing().length(), true);
        take(pending.indexOf(thinking.close()) + thinking.close().length());
        afterThinking = true;
        return become(Mode.BEGIN);
    }

    private boolean say(boolean isLast) {
        String marker = calls == null || !calls.format().followText()
                ? ""
                : calls.format().markerBehindText();
        int begin = marker.isEmpty() ? -1 : pending.indexOf(marker);
        int suffix = text.suffix().isEmpty() ? -1 : pending.indexOf(text.suffix());
        if (suffix >= 0 && (begin < 0 || suffix < begin)) {
            pending.delete(suffix, suffix + text.suffix().length());
            return true;
        }
        if (begin >= 0) {
            emit(pending.substring(0, begin).stripTrailing().length(), false);
            take(pending.indexOf(marker));
            calls.skipJoint(pending);
            return become(Mode.CALLS);
        }
        emit(isLast ? pending.length() : Math.min(safe(marker), safe(text.suffix())), false);
        return false;
    }

    private boolean call(boolean isLast) {
        Optional<ToolCall> call;
        do {
            call = calls.next(pending);
            calls.takePart().ifPresent(pieces::add);
            call.ifPresent(complete -> pieces.add(new ReplyPiece.Call(complete)));
        } while (call.isPresent());
        if (calls.hasFailed() || isLast) {
            boolean blank = calls.hasEnded()
                    && Spelling.withoutControl(pending.toString()).isBlank();
            emit(blank ? 0 : pending.length(), false);
            pending.setLength(0);
            return false;
        }
        return false;
    }

    /** How many chars are sure to be before a mark, and blanks that may be before it. */
    private int safe(String mark) {
        if (mark.isEmpty()) {
            return pending.length();
        }
        int from = Math.max(0, pending.length() - mark.length() + 1);
        while (from < pending.length() && !mark.startsWith(pending.substring(from))) {
            from++;
        }
        return pending.substring(0, from).stripTrailing().length();
    }

    /** Passes on the first chars, without control tokens. */
    private void emit(int length, boolean thought) {
        if (length > 0) {
            String plain = Spelling.withoutControl(pending.substring(0, length));
            take(length);
            if (thought) {
                plain = begunThinking ? plain : plain.stripLeading();
                begunThinking |= !plain.isEmpty();
            }
            if (!plain.isEmpty()) {
                pieces.add(thought ? new ReplyPiece.Thinking(plain) : new ReplyPiece.Text(plain));
            }
        }
    }
}
