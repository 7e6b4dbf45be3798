package dev.lathe.chat;

/**
 * What two texts have in common at an end, with {@link CallFormat#NUMBER} where they have different numbers. Never a
 * part of a control token.
 *
 * @param firstLength how many chars of the first text it takes
 * @param secondLength how many chars of the second text it takes
 */
record Overlap(String text, int firstLength, int secondLength) {
    static Overlap ofBeginnings(String first, String second) {
        Overlap ends = ends(reversed(first), reversed(second));
        String text = reversed(ends.text);
        int begin = first.lastIndexOf(Spelling.BEGIN, ends.firstLength - 1);
        int less = Spelling.isInsideControl(first, ends.firstLength) ? ends.firstLength - begin : 0;
        return new Overlap(text.substring(0, text.length() - less), ends.firstLength - less, ends.secondLength - less);
    }

    static Overlap ofEnds(String first, String second) {
        Overlap ends = ends(first, second);
        int at = first.length() - ends.firstLength;
        int less = Spelling.isInsideControl(first, at) ? first.indexOf(Spelling.END, at) + 1 - at : 0;
        return new Overlap(ends.text.substring(less), ends.firstLength - less, ends.secondLength - less);
    }

    private static Overlap ends(String first, String second) {
        StringBuilder common = new StringBuilder();
        int a = first.length();
        int b = second.length();
        while (a > 0 && b > 0) {
            int numberA = startOfNumber(first, a);
            int numberB = startOfNumber(second, b);
            if (numberA < a && numberB < b) {
                String digits = first.substring(numberA, a);
                boolean same = digits.equals(second.substring(numberB, b));
                common.append(same ? reversed(digits) : String.valueOf(CallFormat.NUMBER));
                a = numberA;
                b = numberB;
            } else if (first.charAt(a - 1) == second.charAt(b - 1)) {
                a--;
                b--;
                common.append(first.charAt(a));
            } else {
                break;
            }
        }
        return new Overlap(reversed(common.toString()), first.length() - a, second.length() - b);
    }

    private static int startOfNumber(String text, int end) {
        int start = end;
        while (start > 0 && text.charAt(start - 1) >= '0' && text.charAt(start - 1) <= '9') {
            start--;
        }
        return start;
    }

    /** Char by char, pairs of surrogates too: what is reversed is reversed again. */
    private static String reversed(String text) {
        char[] chars = new char[text.length()];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = text.charAt(chars.length - 1 - i);
        }
        return new String(chars);
    }
}
