package dev.lathe.text.split;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Cuts at the matches of a regular expression, as tokenizers write them: matches and what is between them are pieces.
 * Classes such as {@code \s} are those of Unicode.
 *
 * <p>Java's engine is safe for such patterns as long as no group repeats: that would take stack for each repetition. A
 * group may repeat possessively.
 */
public final class RegexSplitter implements Splitter {
    /** What becomes of a match. */
    public enum Behavior {
        /** It is a piece of its own. */
        ISOLATED,
        /** It ends the piece before it. */
        MERGED_WITH_PREVIOUS,
        /** It begins the piece after it. */
        MERGED_WITH_NEXT
    }

    private static final Pattern REPEATED_GROUP =
            Pattern.compile("\\)(?:[*+]|\\{\\d)(?!\\+)|\\)\\{\\d+(?:,\\d*)?}(?!\\+)");

    private final Pattern pattern;
    private final Behavior behavior;

    /** A splitter whose matches are pieces of their own. */
    public RegexSplitter(String pattern) {
        this(compile(pattern), Behavior.ISOLATED);
    }

    /** A splitter at the matches of a compiled pattern. */
    public RegexSplitter(Pattern pattern, Behavior behavior) {
        this.pattern = pattern;
        this.behavior = behavior;
    }

    /**
     * Compiles a pattern as tokenizers write it.
     *
     * @throws IllegalArgumentException if it is none, or repeats a group
     */
    public static Pattern compile(String pattern) {
        if (REPEATED_GROUP.matcher(pattern.replaceAll("\\\\.", "")).find()) {
            throw new IllegalArgumentException("the regular expression \"" + pattern
                    + "\" repeats a group, which is not supported: long texts would overflow the stack");
        }
        String unicode = pattern.replace("\\s", "\\p{IsWhite_Space}")
                .replace("\\S", "\\P{IsWhite_Space}")
                .replace("\\d", "\\p{Nd}")
                .replace("\\p{Han}", "\\p{IsHan}");
        try {
            return Pattern.compile(unicode);
        } catch (PatternSyntaxException broken) {
            throw new IllegalArgumentException(
                    "the regular expression \"" + pattern + "\" is not supported: " + broken.getDescription(), broken);
        }
    }

    @Override
    public int pieceEnd(ScannedText text, int from, int to) {
        Matcher matcher = text.matcher(pattern, from, to);
        int start = text.charIndex(from);
        if (!find(matcher)) {
            return to;
        }
        if (behavior == Behavior.MERGED_WITH_PREVIOUS) {
            return text.index(matcher.end());
        }
        if (matcher.start() > start) {
            return text.index(matcher.start());
        }
        if (behavior == Behavior.MERGED_WITH_NEXT) {
            return find(matcher) ? text.index(matcher.start()) : to;
        }
        return text.index(matcher.end());
    }

    /** The next match that is not empty. */
    private static boolean find(Matcher matcher) {
        while (matcher.find()) {
            if (matcher.end() > matcher.start()) {
                return true;
            }
        }
        return false;
    }
}
