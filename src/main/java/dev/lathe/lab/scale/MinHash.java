package dev.lathe.lab.scale;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Sketches of texts by which similar ones are found without comparing them word by word: two sketches agree in about as
 * many places as the texts share of their runs of words.
 *
 * <p>Broder: On the Resemblance and Containment of Documents, 1997. Immutable and thread-safe.
 *
 * @param places numbers in a sketch; the error of a similarity is about 1 / sqrt(places)
 * @param words words in a run
 */
public record MinHash(int places, int words) {
    /** Checks the numbers. */
    public MinHash {
        if (places < 1 || words < 1) {
            throw new IllegalArgumentException(
                    places + " places, runs of " + words + " words: expected at least 1 of each");
        }
    }

    /** The sketch of a text. Words are what white space separates; a text of fewer words than a run is one run. */
    public long[] sketch(String text) {
        String[] all = text.strip().split("\\s+");
        long[] sketch = new long[places];
        Arrays.fill(sketch, Long.MAX_VALUE);
        for (int from = 0; from == 0 || from + words <= all.length; from++) {
            long hash = 0xcbf29ce484222325L;
            for (int i = from; i < Math.min(all.length, from + words); i++) {
                hash = mix(hash * 31 + hash(all[i]));
            }
            SplittableRandom numbers = new SplittableRandom(hash);
            for (int i = 0; i < places; i++) {
                sketch[i] = Math.min(sketch[i], numbers.nextLong());
            }
        }
        return sketch;
    }

    /** Share of places in which two sketches agree: about the Jaccard similarity of the texts' runs. */
    public static double similarity(long[] a, long[] b) {
        int equal = 0;
        for (int i = 0; i < a.length; i++) {
            equal += a[i] == b[i] ? 1 : 0;
        }
        return (double) equal / a.length;
    }

    private static long hash(String word) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < word.length(); i++) {
            hash = (hash ^ word.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    private static long mix(long z) {
        long a = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        return a ^ a >>> 27;
    }
}
