package dev.lathe.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * GPT-2's alphabet of bytes: the pieces of byte-level vocabularies spell every byte as one printable character, the 188
 * printable ones of Latin-1 as themselves, the others in ascending order as U+0100 and up.
 */
final class ByteAlphabet {
    private static final char[] CHARACTERS = new char[256];
    private static final short[] BYTES = new short[256 + 68];

    static {
        Arrays.fill(BYTES, (short) -1);
        char substitute = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b > 0x20 && b < 0x7F || b > 0xA0 && b != 0xAD;
            CHARACTERS[b] = printable ? (char) b : substitute++;
            BYTES[CHARACTERS[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    /** The character that spells a byte, 0 to 255. */
    static char character(int unsignedByte) {
        return CHARACTERS[unsignedByte];
    }

    /** The bytes that a piece spells; a piece with characters outside of the alphabet is plain text. */
    static byte[] bytes(String piece) {
        byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            char character = piece.charAt(i);
            if (character >= BYTES.length || BYTES[character] < 0) {
                return piece.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTES[character];
        }
        return bytes;
    }
}
