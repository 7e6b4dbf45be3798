package dev.lathe.decode.constraint;

/** Numbers in escapes. */
final class Hexadecimal {
    private Hexadecimal() {}

    /** How many hexadecimal digits of ASCII stand at a place of a text, up to so many. */
    static int digits(String text, int at, int most) {
        int count = 0;
        while (count < most && at + count < text.length()) {
            char c = text.charAt(at + count);
            if (c >= 128 || Character.digit(c, 16) < 0) {
                break;
            }
            count++;
        }
        return count;
    }
}
