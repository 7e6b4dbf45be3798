package dev.lathe.text.template;

import java.util.Arrays;

/**
 * A text that knows where each of its characters came from: written by a template, or given to it as data. Whoever
 * encodes it can so tell the marks of a template from the same characters in what somebody said. Immutable.
 *
 * <p>Equality, hash and order are those of the characters alone. Indices are those of Java's strings.
 */
public final class MarkedText implements Comparable<MarkedText> {
    private static final int[] NONE = {};
    private static final int[] ALL = {0};

    private final String text;

    /** Where the origin changes, ascending; before the first change it is the template. */
    private final int[] changes;

    MarkedText(String text, int[] changes) {
        this.text = text;
        this.changes = changes;
    }

    /** A text that is written by the template. */
    public static MarkedText ofTemplate(String text) {
        return new MarkedText(text, NONE);
    }

    /** A text that somebody gave. */
    public static MarkedText ofData(String text) {
        return new MarkedText(text, text.isEmpty() ? NONE : ALL);
    }

    /** A text of one origin. */
    static MarkedText of(String text, boolean data) {
        return data ? ofData(text) : ofTemplate(text);
    }

    /** The characters, without their origin. */
    public String text() {
        return text;
    }

    /** Number of chars. */
    public int length() {
        return text.length();
    }

    boolean isEmpty() {
        return text.isEmpty();
    }

    /** Whether the char at an index was given as data. */
    public boolean isData(int index) {
        return (changesUpTo(index) & 1) == 1;
    }

    /** Where the stretch of one origin that holds the char at an index ends. */
    public int stretchEnd(int index) {
        int passed = changesUpTo(index);
        return passed < changes.length ? changes[passed] : text.length();
    }

    /** Whether any char was given as data. */
    boolean hasData() {
        return changes.length > 0;
    }

    /** How often the origin changes. */
    int changeCount() {
        return changes.length;
    }

    /** Number of changes at or before an index. */
    private int changesUpTo(int index) {
        int found = Arrays.binarySearch(changes, index);
        return found < 0 ? -found - 1 : found + 1;
    }

    /** Whether it begins with the chars of another, of the same origins. */
    public boolean startsWith(MarkedText other) {
        return text.startsWith(other.text) && Arrays.equals(slice(0, other.length()).changes, other.changes);
    }

    /** The chars from {@code from} to before {@code to}. */
    public MarkedText slice(int from, int to) {
        if (from == 0 && to == text.length()) {
            return this;
        }
        String part = text.substring(from, to);
        if (changes.length == 0 || from == to) {
            return ofTemplate(part);
        }
        int first = changesUpTo(from);
        int last = changesUpTo(to - 1);
        boolean data = (first & 1) == 1;
        if (first == last) {
            return of(part, data);
        }
        int[] kept = new int[last - first + (data ? 1 : 0)];
        for (int i = first, next = data ? 1 : 0; i < last; i++, next++) {
            kept[next] = changes[i] - from;
        }
        return new MarkedText(part, kept);
    }

    @Override
    public int compareTo(MarkedText other) {
        return text.compareTo(other.text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MarkedText that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The characters. */
    @Override
    public String toString() {
        return text;
    }
}
