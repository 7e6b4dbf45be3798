package dev.lathe.serve;

import java.time.Duration;

/**
 * What the passes of a {@link SharedModel} were, so far.
 *
 * @param passes passes of the model
 * @param rows rows evaluated in them
 * @param promptRows of these, the rows of prompts
 * @param texts texts in each pass, added up
 * @param mostTexts the most texts in one pass
 * @param mostRows the most rows in one pass
 * @param time time in passes
 * @param longest the longest pass
 */
public record PassStatistics(
        long passes,
        long rows,
        long promptRows,
        long texts,
        int mostTexts,
        int mostRows,
        Duration time,
        Duration longest) {
    static final PassStatistics NONE = new PassStatistics(0, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO);

    PassStatistics with(int newTexts, int newRows, int newPromptRows, Duration newTime) {
        return new PassStatistics(
                passes + 1,
                rows + newRows,
                promptRows + newPromptRows,
                texts + newTexts,
                Math.max(mostTexts, newTexts),
                Math.max(mostRows, newRows),
                time.plus(newTime),
                longest.compareTo(newTime) >= 0 ? longest : newTime);
    }

    /** Texts per pass; 0 before the first. */
    public double textsPerPass() {
        return passes == 0 ? 0 : (double) texts / passes;
    }

    /** Rows per pass; 0 before the first. */
    public double rowsPerPass() {
        return passes == 0 ? 0 : (double) rows / passes;
    }
}
