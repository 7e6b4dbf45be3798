package dev.lathe.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Renders a stream of tokens piece by piece. A token may end within a character: its last bytes are then held back
 * until the character is whole, so that what is returned are whole code points. All returned pieces in a row are what
 * {@link Tokenizer#decode(int...)} gives for all tokens. For one generation and one thread.
 */
public final class StreamDecoder {
    private final Tokenizer tokenizer;
    private boolean dropsSpace;
    private byte[] pending = {};

    StreamDecoder(Tokenizer tokenizer, boolean dropsSpace) {
        this.tokenizer = tokenizer;
        this.dropsSpace = dropsSpace;
    }

    /**
     * The text that this token completes; empty for control tokens and within a character.
     *
     * @throws IllegalArgumentException if the token is outside of the vocabulary
     */
    public String accept(int token) {
        byte[] bytes = tokenizer.bytes(token);
        if (bytes.length == 0) {
            return "";
        }
        int from = dropsSpace && bytes[0] == ' ' ? 1 : 0;
        dropsSpace = false;
        byte[] all = Arrays.copyOf(pending, pending.length + bytes.length - from);
        System.arraycopy(bytes, from, all, pending.length, bytes.length - from);
        int whole = all.length - incompleteTail(all);
        pending = Arrays.copyOfRange(all, whole, all.length);
        return new String(all, 0, whole, StandardCharsets.UTF_8);
    }

    /** What is left: U+FFFD if the last character never became whole. */
    public String finish() {
        String left = new String(pending, StandardCharsets.UTF_8);
        pending = new byte[0];
        return left;
    }

    /** How many of the last bytes begin a character and are too few for it. */
    private static int incompleteTail(byte[] bytes) {
        for (int length = 1; length <= 3 && length <= bytes.length; length++) {
            int lead = bytes[bytes.length - length] & 0xFF;
            if (lead < 0x80) {
                return 0;
            }
            if (lead >= 0xC0) {
                int needed = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
                return length < needed ? length : 0;
            }
        }
        return 0;
    }
}
