package dev.lathe.compress.search;

import java.util.Arrays;
import java.util.List;

/**
 * Calibration texts for three purposes, so that nothing is judged on what it was fitted to. Where there are fewer than
 * {@value #LEAST} all serve every purpose.
 *
 * @param signals the beginnings of a few, which divergences are measured on
 * @param fitting most of them but no more than {@value #FITTING}, which compensation is fitted to
 * @param heldOut a few, which finished recipes are compared on
 */
record CalibrationSplit(List<int[]> signals, List<int[]> fitting, List<int[]> heldOut) {
    private static final int LEAST = 4;
    private static final int TEXTS = 4;
    private static final int FITTING = 16;
    private static final int SIGNAL_TOKENS = 256;

    static CalibrationSplit of(List<int[]> texts) {
        int few = Math.min(TEXTS, texts.size() / LEAST);
        int end = texts.size() - few;
        return new CalibrationSplit(
                texts.subList(0, few == 0 ? end : few).stream()
                        .map(text -> Arrays.copyOf(text, Math.min(SIGNAL_TOKENS, text.length)))
                        .toList(),
                texts.subList(few, Math.min(end, few + FITTING)),
                texts.subList(few == 0 ? 0 : end, texts.size()));
    }
}
