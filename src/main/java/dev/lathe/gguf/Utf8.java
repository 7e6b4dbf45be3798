package dev.lathe.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Strict UTF-8: neither direction replaces what it cannot represent. */
final class Utf8 {
    private Utf8() {}

    /** @throws IllegalArgumentException if the text has unpaired surrogates */
    static byte[] encode(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        if (!text.equals(new String(bytes, UTF_8))) {
            throw new IllegalArgumentException("UTF-8 cannot encode the unpaired surrogates in \"" + text + "\"");
        }
        return bytes;
    }

    /** The index of the first byte that begins no well-formed character (Unicode, table 3-7), or -1 if all do. */
    static int malformedIndex(byte[] bytes, int from, int to) {
        int index = from;
        while (index < to) {
            int lead = bytes[index];
            if (lead >= 0) {
                index++;
                continue;
            }
            int length = characterLength(lead & 0xFF);
            if (length == 0 || length > to - index || !isWellFormed(bytes, index, length)) {
                return index;
            }
            index += length;
        }
        return -1;
    }

    /** Decodes well-formed bytes; returns the end of the chars. */
    static int decode(byte[] bytes, int from, int to, char[] target, int at) {
        int end = at;
        for (int index = from; index < to; ) {
            int lead = bytes[index];
            if (lead >= 0) {
                target[end++] = (char) lead;
                index++;
            } else if (lead < (byte) 0xE0) {
                target[end++] = (char) ((lead & 0x1F) << 6 | bytes[index + 1] & 0x3F);
                index += 2;
            } else if (lead < (byte) 0xF0) {
                target[end++] = (char) ((lead & 0xF) << 12 | (bytes[index + 1] & 0x3F) << 6 | bytes[index + 2] & 0x3F);
                index += 3;
            } else {
                int upper = (lead & 7) << 18 | (bytes[index + 1] & 0x3F) << 12;
                int codePoint = upper | (bytes[index + 2] & 0x3F) << 6 | bytes[index + 3] & 0x3F;
                target[end++] = Character.highSurrogate(codePoint);
                target[end++] = Character.lowSurrogate(codePoint);
                index += 4;
            }
        }
        return end;
    }

    private static int characterLength(int lead) {
        if (lead < 0xC2 || lead > 0xF4) {
            return 0;
        }
        return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    }

    private static boolean isWellFormed(byte[] bytes, int index, int length) {
        int codePoint = bytes[index] & (0xFF >> (length + 1));
        for (int i = 1; i < length; i++) {
            int trail = bytes[index + i];
            if ((trail & 0xC0) != 0x80) {
                return false;
            }
            codePoint = codePoint << 6 | trail & 0x3F;
        }
        boolean surrogate = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
        return switch (length) {
            case 2 -> true;
            case 3 -> codePoint >= 0x800 && !surrogate;
            default -> codePoint >= 0x10000 && codePoint <= Character.MAX_CODE_POINT;
        };
    }
}
