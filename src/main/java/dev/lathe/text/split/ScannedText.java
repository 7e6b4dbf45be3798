package dev.lathe.text.split;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text as code points, each with its kind as pre-tokenizers tell them apart. */
public final class ScannedText {
    /** Past the end of a piece. */
    static final byte END = 0;

    /** {@code \p{L}} */
    static final byte LETTER = 1;

    /** {@code \p{N}} */
    static final byte NUMBER = 2;

    /** {@code \s} */
    public static final byte SPACE = 3;

    /** {@code \p{P}} */
    public static final byte PUNCTUATION = 4;

    /** All else: symbols, marks, controls, code points without a character. */
    public static final byte OTHER = 5;

    private static final int LETTERS = 1 << Character.UPPERCASE_LETTER
            | 1 << Character.LOWERCASE_LETTER
            | 1 << Character.TITLECASE_LETTER
            | 1 << Character.MODIFIER_LETTER
            | 1 << Character.OTHER_LETTER;
    private static final int NUMBERS =
            1 << Character.DECIMAL_DIGIT_NUMBER | 1 << Character.LETTER_NUMBER | 1 << Character.OTHER_NUMBER;
    private static final int SEPARATORS =
            1 << Character.SPACE_SEPARATOR | 1 << Character.LINE_SEPARATOR | 1 << Character.PARAGRAPH_SEPARATOR;
    private static final int PUNCTUATIONS = 1 << Character.CONNECTOR_PUNCTUATION
            | 1 << Character.DASH_PUNCTUATION
            | 1 << Character.START_PUNCTUATION
            | 1 << Character.END_PUNCTUATION
            | 1 << Character.INITIAL_QUOTE_PUNCTUATION
            | 1 << Character.FINAL_QUOTE_PUNCTUATION
            | 1 << Character.OTHER_PUNCTUATION;

    private static final byte[] ASCII_KINDS = new byte[128];

    static {
        for (int c = 0; c < ASCII_KINDS.length; c++) {
            ASCII_KINDS[c] = unicodeKind(c);
        }
    }

    private final String text;
    private final int[] codePoints;
    private final byte[] kinds;

    /** Where each code point begins among the chars, and where the last ends; null where all are one char. */
    private final int[] charIndices;

    private final int length;

    /** The code points of a text. */
    public ScannedText(String text) {
        this.text = text;
        codePoints = new int[text.length()];
        kinds = new byte[text.length()];
        int count = 0;
        for (int i = 0; i < text.length(); count++) {
            int codePoint = text.codePointAt(i);
            codePoints[count] = codePoint;
            kinds[count] = kindOf(codePoint);
            i += Character.charCount(codePoint);
        }
        length = count;
        charIndices = count == text.length() ? null : charIndices();
    }

    private int[] charIndices() {
        int[] indices = new int[length + 1];
        for (int i = 0; i < length; i++) {
            indices[i + 1] = indices[i] + Character.charCount(codePoints[i]);
        }
        return indices;
    }

    /** Which of the kinds a code point is of. */
    public static byte kindOf(int codePoint) {
        return codePoint < ASCII_KINDS.length ? ASCII_KINDS[codePoint] : unicodeKind(codePoint);
    }

    private static byte unicodeKind(int codePoint) {
        int category = 1 << Character.getType(codePoint);
        if ((category & LETTERS) != 0) {
            return LETTER;
        }
        if ((category & NUMBERS) != 0) {
            return NUMBER;
        }
        if ((category & SEPARATORS) != 0 || codePoint >= '\t' && codePoint <= '\r' || codePoint == 0x85) {
            return SPACE;
        }
        return (category & PUNCTUATIONS) != 0 ? PUNCTUATION : OTHER;
    }

    /** Number of code points. */
    public int length() {
        return length;
    }

    /** Where a code point is among the text's chars. */
    public int charIndex(int index) {
        return charIndices == null ? index : charIndices[index];
    }

    /** The code point at a place among the text's chars. */
    int index(int charIndex) {
        if (charIndices == null) {
            return charIndex;
        }
        return Arrays.binarySearch(charIndices, 0, length + 1, charIndex);
    }

    /** A matcher of the code points from {@code from} to {@code to}, which sees nothing else. */
    Matcher matcher(Pattern pattern, int from, int to) {
        return pattern.matcher(text).region(charIndex(from), charIndex(to));
    }

    /** The code point at an index among code points. */
    public int codePoint(int index) {
        return codePoints[index];
    }

    byte kind(int index) {
        return kinds[index];
    }

    /** The kind within a piece that ends at {@code to}. */
    byte kind(int index, int to) {
        return index < to ? kinds[index] : END;
    }

    boolean isNewline(int index, int to) {
        return index < to && (codePoints[index] == '\n' || codePoints[index] == '\r');
    }
}
