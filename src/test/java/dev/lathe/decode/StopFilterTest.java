package dev.lathe.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class StopFilterTest {
    @Provide
    Arbitrary<List<String>> stops() {
        return Arbitraries.strings()
                .withChars('a', 'b')
                .ofMinLength(1)
                .ofMaxLength(4)
                .list()
                .ofMaxSize(3);
    }

    @Provide
    Arbitrary<List<String>> pieces() {
        return Arbitraries.strings()
                .withChars('a', 'b', 'c')
                .ofMaxLength(5)
                .list()
                .ofMaxSize(12);
    }

    /** Reads character by character until a stop string is the end of what was read. */
    private static String cut(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            int start = Integer.MAX_VALUE;
            for (String stop : stops) {
                if (text.substring(0, end).endsWith(stop)) {
                    start = Math.min(start, end - stop.length());
                }
            }
            if (start < Integer.MAX_VALUE) {
                return text.substring(0, start);
            }
        }
        return text;
    }

    @Property(tries = 2000)
    void whatComesThroughIsTheTextUpToTheFirstStop(
            @ForAll("pieces") List<String> pieces, @ForAll("stops") List<String> stops) {
        StopFilter filter = new StopFilter(stops);
        String expected = cut(String.join("", pieces), stops);
        StringBuilder text = new StringBuilder();
        for (String piece : pieces) {
            text.append(filter.accept(piece));
            assertTrue(expected.startsWith(text.toString()), "nothing that must be taken back: " + text);
        }
        text.append(filter.finish());
        assertEquals(expected, text.toString());
        assertEquals(expected.length() < String.join("", pieces).length(), filter.stopped());
    }

    @Test
    void withholdsOnlyWhatMayStartAStop() {
        StopFilter filter = new StopFilter(List.of("END", "\n\n"));
        assertEquals("text ", filter.accept("text E"));
        assertEquals("", filter.accept("N"));
        assertEquals("ENter", filter.accept("ter"));
        assertEquals("", filter.accept("\n"));
        assertFalse(filter.stopped());
        assertEquals("", filter.accept("\nmore"));
        assertTrue(filter.stopped());
        assertEquals("", filter.accept("nothing"));
        assertEquals("", filter.finish());
    }

    @Test
    void theFirstToBeCompleteWinsHoweverTheTextIsSplit() {
        StopFilter whole = new StopFilter(List.of("abcX", "c"));
        assertEquals("ab", whole.accept("abcX"));
        StopFilter split = new StopFilter(List.of("abcX", "c"));
        assertEquals("ab", split.accept("ab") + split.accept("c") + split.accept("X"));
        StopFilter same = new StopFilter(List.of("c", "bc"));
        assertEquals("a", same.accept("abc"));
    }
}
