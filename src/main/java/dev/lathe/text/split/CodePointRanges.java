package dev.lathe.text.split;

import java.util.Arrays;

/** A set of code points given by its ranges. */
final class CodePointRanges {
    private final int[] firsts;
    private final int[] lasts;

    /** @param ranges ascending, in hexadecimal, separated by spaces: {@code "41-5A 61-7A B5"} */
    CodePointRanges(String ranges) {
        String[] parts = ranges.split(" ");
        firsts = new int[parts.length];
        lasts = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            int dash = parts[i].indexOf('-');
            firsts[i] = Integer.parseInt(dash < 0 ? parts[i] : parts[i].substring(0, dash), 16);
            lasts[i] = dash < 0 ? firsts[i] : Integer.parseInt(parts[i].substring(dash + 1), 16);
        }
    }

    boolean contains(int codePoint) {
        int range = Arrays.binarySearch(firsts, codePoint);
        return range >= 0 || range < -1 && codePoint <= lasts[-range - 2];
    }
}
