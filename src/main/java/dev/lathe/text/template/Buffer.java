package dev.lathe.text.template;

import java.util.Arrays;

/** Text under construction, paid for as it grows; it notes where each part came from. */
final class Buffer {
    private final Rendering rendering;
    private final StringBuilder text = new StringBuilder();
    private int[] changes = new int[4];
    private int changeCount;

    Buffer(Rendering rendering) {
        this.rendering = rendering;
    }

    /** Appends what the template writes. */
    Buffer append(String piece) {
        return append(piece, false);
    }

    /** Appends a text of one origin. */
    Buffer append(String piece, boolean data) {
        mark(piece.length(), data);
        text.append(piece);
        return this;
    }

    Buffer append(MarkedText piece) {
        return append(piece, 0, piece.length());
    }

    Buffer append(char character, boolean data) {
        mark(1, data);
        text.append(character);
        return this;
    }

    Buffer appendCodePoint(int codePoint, boolean data) {
        mark(Character.charCount(codePoint), data);
        text.appendCodePoint(codePoint);
        return this;
    }

    /** Appends the chars of a piece from {@code start} to before {@code end}. */
    Buffer append(MarkedText piece, int start, int end) {
        for (int from = start; from < end; ) {
            int to = Math.min(end, piece.stretchEnd(from));
            mark(to - from, piece.isData(from));
            text.append(piece.text(), from, to);
            from = to;
        }
        return this;
    }

    Buffer repeat(MarkedText piece, long count) {
        if (count <= 0 || piece.isEmpty()) {
            return this;
        }
        long times = Math.min(count, Integer.MAX_VALUE);
        if (piece.stretchEnd(0) == piece.length()) {
            mark(piece.length() * times, piece.isData(0));
            text.repeat(piece.text(), (int) times);
            return this;
        }
        for (long i = 0; i < times; i++) {
            append(piece);
        }
        return this;
    }

    /** Pays for chars and notes their origin, before they are appended. */
    private void mark(long length, boolean data) {
        rendering.allocateText(length);
        if (length > 0 && data != ((changeCount & 1) == 1)) {
            rendering.allocate(Integer.BYTES);
            if (changeCount == changes.length) {
                changes = Arrays.copyOf(changes, 2 * changeCount);
            }
            changes[changeCount++] = text.length();
        }
    }

    int length() {
        return text.length();
    }

    MarkedText toText() {
        return new MarkedText(text.toString(), Arrays.copyOf(changes, changeCount));
    }
}
