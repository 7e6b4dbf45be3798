package dev.lathe.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Utf8Test {
    /** All sequences of up to two bytes, and of three and four bytes around every boundary of the encoding. */
    @Test
    void agreesWithTheJdkOnEveryKindOfSequence() {
        int[] edges = {
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF
        };
        for (int a = 0; a < 256; a++) {
            check(a);
            for (int b = 0; b < 256; b++) {
                check(a, b);
            }
        }
        for (int a : edges) {
            for (int b : edges) {
                for (int c : edges) {
                    check(a, b, c);
                    for (int d : edges) {
                        check(a, b, c, d);
                    }
                }
            }
        }
    }

    @Property
    void findsTheFirstMalformedByteOfAnything(@ForAll @Size(max = 12) byte[] bytes) {
        assertEquals(firstMalformedByJdk(bytes), Utf8.malformedIndex(bytes, 0, bytes.length));
    }

    @Property
    void acceptsWhatTheJdkEncodes(@ForAll String text) {
        byte[] bytes = text.getBytes(UTF_8);
        assertEquals(-1, Utf8.malformedIndex(bytes, 0, bytes.length));
    }

    @Test
    void encodesNoUnpairedSurrogate() {
        assertEquals(4, Utf8.encode("\uD83D\uDE00").length);
        assertThrows(IllegalArgumentException.class, () -> Utf8.encode("a\uD83Db"));
        assertThrows(IllegalArgumentException.class, () -> Utf8.encode("\uDE00"));
    }

    private static void check(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        assertEquals(
                firstMalformedByJdk(bytes),
                Utf8.malformedIndex(bytes, 0, bytes.length),
                () -> HexFormat.of().formatHex(bytes));
    }

    private static int firstMalformedByJdk(byte[] bytes) {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        CoderResult result = UTF_8.newDecoder().decode(source, CharBuffer.allocate(bytes.length + 1), true);
        return result.isMalformed() ? source.position() : -1;
    }
}
