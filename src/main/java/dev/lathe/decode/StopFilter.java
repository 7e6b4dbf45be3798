package dev.lathe.decode;

import java.util.List;

/**
 * Lets text through up to the first stop string to be complete; of several complete at the same character, the one that
 * starts first counts. What may be the start of one is withheld. How the text is split makes no difference.
 */
final class StopFilter {
    private final List<String> stopStrings;
    private final StringBuilder withheld = new StringBuilder();
    private boolean stopped;

    StopFilter(List<String> stopStrings) {
        this.stopStrings = stopStrings;
    }

    /** Whether a stop string was complete; nothing is let through from then on. */
    boolean stopped() {
        return stopped;
    }

    /** The text that is certain now. */
    String accept(String text) {
        if (stopped) {
            return "";
        }
        withheld.append(text);
        int end = Integer.MAX_VALUE;
        int start = 0;
        for (String stop : stopStrings) {
            int found = withheld.indexOf(stop);
            int foundEnd = found + stop.length();
            if (found >= 0 && (foundEnd < end || foundEnd == end && found < start)) {
                start = found;
                end = foundEnd;
            }
        }
        stopped = end < Integer.MAX_VALUE;
        return release(stopped ? start : withheld.length() - longestStartOfStop());
    }

    /** The rest, at the end of the text. */
    String finish() {
        return stopped ? "" : release(withheld.length());
    }

    private String release(int length) {
        String text = withheld.substring(0, length);
        withheld.delete(0, length);
        return text;
    }

    /** Length of the longest end of the withheld text that a stop string starts with. */
    private int longestStartOfStop() {
        int longest = 0;
        for (String stop : stopStrings) {
            for (int length = Math.min(stop.length() - 1, withheld.length()); length > longest; length--) {
                if (stop.startsWith(withheld.substring(withheld.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
