package dev.lathe.text.split;

/** The sets of characters that {@link RunSplitter} sets apart. */
enum CharacterClass {
    /** {@code [\r\n]} */
    NEWLINE,
    /** {@code \p{L}} */
    LETTER,
    /** {@code \p{N}} */
    NUMBER,
    /** {@code [0-9]} */
    ASCII_DIGIT,
    /** {@code \p{P}} */
    PUNCTUATION,
    /** <code>[\p{P}$+&lt;=&gt;^~|]</code> */
    PUNCTUATION_OR_MATH,
    /** <code>[\p{P}$+&lt;=&gt;^~|`]</code> */
    PUNCTUATION_OR_MATH_OR_BACKTICK,
    /** Latin, Greek, Cyrillic and other letters that have cases, as DeepSeek's pattern spells them out. */
    CASED_LETTER,
    /** ASCII's and full-width punctuation, the former with letters, as DeepSeek's pattern spells them out. */
    ASCII_OR_FULL_WIDTH,
    /** From U+0800 to the Han of Unicode 1.1, and Hangul, as DeepSeek's pattern spells them out. */
    EAST_ASIAN;

    boolean contains(int codePoint, byte kind) {
        return switch (this) {
            case NEWLINE -> codePoint == '\n' || codePoint == '\r';
            case LETTER -> kind == ScannedText.LETTER;
            case NUMBER -> kind == ScannedText.NUMBER;
            case ASCII_DIGIT -> codePoint >= '0' && codePoint <= '9';
            case PUNCTUATION -> kind == ScannedText.PUNCTUATION;
            case PUNCTUATION_OR_MATH -> kind == ScannedText.PUNCTUATION || "$+<=>^~|".indexOf(codePoint) >= 0;
            case PUNCTUATION_OR_MATH_OR_BACKTICK ->
                kind == ScannedText.PUNCTUATION || "$+<=>^~|`".indexOf(codePoint) >= 0;
            case CASED_LETTER -> DeepSeekRanges.CASED_LETTERS.contains(codePoint);
            case ASCII_OR_FULL_WIDTH -> DeepSeekRanges.ASCII_OR_FULL_WIDTH.contains(codePoint);
            case EAST_ASIAN -> DeepSeekRanges.EAST_ASIAN.contains(codePoint);
        };
    }

    /** Apart, so that they are parsed for DeepSeek's models only. */
    private static final class DeepSeekRanges {
        static final CodePointRanges CASED_LETTERS = new CodePointRanges("41-5A 61-7A B5 C0-D6 D8-F6 F8-1BA 1BC-1BF "
                + "1C4-293 295-2AF 370-373 376-377 37B-37D 37F 386 388-38A 38C 38E-3A1 3A3-3F5 3F7-481 48A-52F "
                + "531-556 10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA 1CBD-1CBF 1D00-1D2B 1D6B-1D77 1D79-1D9A 1E00-1F15 "
                + "1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE "
                + "1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB 1FE0-1FEC 1FF2-1FF4 1FF6-1FFC 2102 2107 210A-2113 2115 "
                + "2119-211D 2124 2126 2128 212A-212D 212F-2134 2139 213C-213F 2145-2149 214E 2183-2184 2C00-2C7B "
                + "2C7E-2CE4 2CEB-2CEE 2CF2-2CF3 A640-A66D A680-A69B A722-A76F A771-A787 A78B-A78E AB70-ABBF "
                + "FB00-FB06 FB13-FB17 FF21-FF3A FF41-FF5A 10400-1044F 104B0-104D3 104D8-104FB 10C80-10CB2 "
                + "10CC0-10CF2 118A0-118DF 1E900-1E943");
        static final CodePointRanges ASCII_OR_FULL_WIDTH =
                new CodePointRanges("21-2F 3A-7E 2018-201F 3000-3002 FF01-FF0F FF1A-FF5E");
        static final CodePointRanges EAST_ASIAN = new CodePointRanges("800-9FA5 AC00-D7FF");
    }
}
