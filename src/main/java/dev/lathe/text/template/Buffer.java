package dev.lathe.text.template;

/** Text under construction, paid for as it grows. */
final class Buffer {
    private final Rendering rendering;
    private final StringBuilder text = new StringBuilder();

    Buffer(Rendering rendering) {
        this.rendering = rendering;
    }

    Buffer append(String piece) {
        rendering.allocate(piece.length());
        text.append(piece);
        return this;
    }

    Buffer append(char character) {
        rendering.allocate(1);
        text.append(character);
        return this;
    }

    Buffer appendCodePoint(int codePoint) {
        rendering.allocate(2);
        text.appendCodePoint(codePoint);
        return this;
    }

    Buffer append(String text, int start, int end) {
        rendering.allocate(end - start);
        this.text.append(text, start, end);
        return this;
    }

    Buffer repeat(String piece, long count) {
        if (count > 0 && !piece.isEmpty()) {
            rendering.allocate(Math.multiplyFull(piece.length(), (int) Math.min(count, Integer.MAX_VALUE)));
            text.repeat(piece, (int) count);
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
