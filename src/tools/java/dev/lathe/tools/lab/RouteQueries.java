package dev.lathe.tools.lab;

import dev.lathe.tools.command.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Queries cut from a text: a model is to write what stands behind each. */
final class RouteQueries {
    private static final Pattern WORD = Pattern.compile("[A-Za-z]{2,}");
    private static final int LEAST_LINE = 6; // characters; shorter ones are braces

    /**
     * A query.
     *
     * @param prompt the text up to a line or a word
     * @param truth the line or the word
     */
    record Query(String prompt, String truth) {}

    private RouteQueries() {}

    /** Queries spread evenly over a text, their prompts at most so long, beginning with a line. */
    static List<Query> cut(String text, boolean words, int count, int characters) {
        List<Query> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int from = characters + (int) ((long) i * Math.max(0, text.length() - 2 * characters) / count);
            int at = words ? nextWord(text, from) : nextLine(text, from);
            int start = at < 0 ? -1 : text.indexOf('\n', Math.max(0, at - characters)) + 1;
            if (at < 0 || start <= 0 || start >= at) {
                throw new Program.FailureException("the text has no place for " + count + " queries of " + characters
                        + " characters; give a longer one, fewer --queries or fewer --characters");
            }
            int end = words ? wordEnd(text, at + 1) : text.indexOf('\n', at);
            all.add(new Query(text.substring(start, at), text.substring(at, end).strip()));
        }
        return all;
    }

    /** The blank before a word. */
    private static int nextWord(String text, int from) {
        for (int at = text.indexOf(' ', from); at >= 0; at = text.indexOf(' ', at + 1)) {
            int end = wordEnd(text, at + 1);
            if (WORD.matcher(text.substring(at + 1, end)).matches() && Character.isLetter(text.charAt(at - 1))) {
                return at;
            }
        }
        return -1;
    }

    private static int wordEnd(String text, int at) {
        int end = at;
        while (end < text.length() && Character.isLetter(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** The beginning of a line that says something. */
    private static int nextLine(String text, int from) {
        for (int at = text.indexOf('\n', from) + 1; at > 0; at = text.indexOf('\n', at) + 1) {
            int end = text.indexOf('\n', at);
            if (end < 0) {
                return -1;
            }
            if (text.substring(at, end).strip().length() >= LEAST_LINE) {
                return at;
            }
        }
        return -1;
    }

    /** The line or the word that an answer begins with. */
    static String first(String answer, boolean words) {
        if (words) {
            String stripped = answer.stripLeading();
            return stripped.substring(0, wordEnd(stripped, 0));
        }
        int end = answer.indexOf('\n');
        return (end < 0 ? answer : answer.substring(0, end)).strip();
    }
}
