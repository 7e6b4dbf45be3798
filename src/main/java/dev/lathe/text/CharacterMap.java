package dev.lathe.text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * SentencePiece's precompiled map of characters: at each place of a text the longest sequence that it knows is replaced.
 * The sequences are a double array trie over UTF-8 (Yata et al. 2008, darts-clone), the replacements follow, each ended
 * by a zero. Nothing in it is trusted. Immutable.
 */
final class CharacterMap {
    /** More than any sequence of an honest map has; a forged one must not make long texts quadratic. */
    private static final int MOST_BYTES = 256;

    private final byte[] bytes;
    private final int units;

    /**
     * @param bytes the map as files have it: the trie's size in bytes, the trie, the replacements; may be empty
     * @throws IllegalArgumentException if the size is not that of a trie
     */
    CharacterMap(byte[] bytes) {
        this.bytes = bytes.clone();
        long trieBytes = bytes.length < 4 ? 0 : Integer.toUnsignedLong(littleEndian(0));
        if (bytes.length > 0 && (bytes.length < 4 || trieBytes % 4 != 0 || trieBytes > bytes.length - 4L)) {
            throw new IllegalArgumentException("the precompiled map of characters has " + bytes.length
                    + " bytes, of which " + trieBytes + " are its trie: expected a multiple of 4 that fits");
        }
        this.units = (int) (trieBytes / 4);
    }

    private int littleEndian(int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16 | bytes[at + 3] << 24;
    }

    String apply(String text) {
        if (units == 0) {
            return text;
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream mapped = new ByteArrayOutputStream(utf8.length);
        for (int at = 0; at < utf8.length; ) {
            long match = longestMatch(utf8, at);
            if (match >= 0) {
                for (int i = 4 + 4 * units + (int) match; i < bytes.length && bytes[i] != 0; i++) {
                    mapped.write(bytes[i]);
                }
                at += (int) (match >>> 32);
            } else {
                int length = length(utf8[at]);
                mapped.write(utf8, at, length);
                at += length;
            }
        }
        return mapped.toString(StandardCharsets.UTF_8);
    }

    /** Length of the match in bytes in the upper half, place of the replacement in the lower; -1 for none. */
    private long longestMatch(byte[] utf8, int from) {
        long best = -1;
        int limit = Math.min(utf8.length, from + MOST_BYTES);
        int node = offset(unit(0));
        for (int at = from; at < limit && utf8[at] != 0; at++) {
            int label = utf8[at] & 0xFF;
            node ^= label;
            int unit = unit(node);
            if ((unit & 0x800000FF) != label) {
                break;
            }
            node ^= offset(unit);
            if ((unit >> 8 & 1) == 1) {
                long place = unit(node) & 0x7FFFFFFF;
                if (place < bytes.length - 4L - 4L * units) {
                    best = (long) (at + 1 - from) << 32 | place;
                }
            }
        }
        return best;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }

    /** A unit of the trie; one that matches nothing where a forged one points outside. */
    private int unit(int node) {
        return node >= 0 && node < units ? littleEndian(4 + 4 * node) : 0x80000000;
    }

    private static int length(byte lead) {
        int unsigned = lead & 0xFF;
        return unsigned < 0xC0 ? 1 : unsigned < 0xE0 ? 2 : unsigned < 0xF0 ? 3 : 4;
    }
}
