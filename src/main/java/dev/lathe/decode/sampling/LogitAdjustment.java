package dev.lathe.decode.sampling;

import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is changed about single logits before anything is chosen: biases, then penalties for tokens of the recent text.
 *
 * @param givenWindow how many tokens back the penalties look; 0 where none was given
 */
public record LogitAdjustment(
        SortedMap<Integer, Float> bias, float repetition, float frequency, float presence, int givenWindow) {
    private static final int DEFAULT_WINDOW = 64;
    public static final LogitAdjustment NONE = new LogitAdjustment(new TreeMap<>(), 1, 0, 0, 0);

    /** How many tokens back the penalties look. */
    public int window() {
        return givenWindow == 0 ? DEFAULT_WINDOW : givenWindow;
    }

    /** Whether nothing is changed. */
    public boolean isNone() {
        return bias.isEmpty() && !penalizes();
    }

    /** Whether there is any penalty. */
    public boolean penalizes() {
        return repetition != 1 || frequency != 0 || presence != 0;
    }

    /** The same with a bias for one more token, or another one for a token that has one. */
    public LogitAdjustment withBias(int token, float value) {
        SortedMap<Integer, Float> more = new TreeMap<>(bias);
        more.put(token, value);
        return new LogitAdjustment(more, repetition, frequency, presence, givenWindow);
    }

    /** Changes a row in place. */
    public void apply(float[] row, int[] text) {
        for (Map.Entry<Integer, Float> entry : bias.entrySet()) {
            row[entry.getKey()] += entry.getValue();
        }
        if (!penalizes()) {
            return;
        }
        int[] recent = Arrays.copyOfRange(text, Math.max(0, text.length - window()), text.length);
        Arrays.sort(recent);
        for (int start = 0, end; start < recent.length; start = end) {
            end = start + 1;
            while (end < recent.length && recent[end] == recent[start]) {
                end++;
            }
            int token = recent[start];
            float logit = row[token] > 0 ? row[token] / repetition : row[token] * repetition;
            row[token] = logit - (end - start) * frequency - presence;
        }
    }
}
