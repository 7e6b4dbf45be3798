package dev.lathe.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.model.CacheType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PerplexityTest {
    private static final int[] TEXT = IntStream.range(0, 1100).map(i -> i % 7).toArray();

    @Test
    void anIndifferentModelIsAsGoodAsGuessing() {
        Perplexity measured = Perplexity.of(new TableModel(7, 512, (p, t, n) -> 3f), TEXT, Windows.of(512));
        assertEquals(7, measured.value(), 1e-12);
        assertEquals(0, measured.error(), 1e-6);
        assertEquals(2 * 255, measured.tokenCount());
        assertEquals(2, measured.windowCount());
    }

    /** Only a model that is right from position 257 on, and wrong before, tells which tokens are scored. */
    @Test
    void scoresTheTokensAtPositions257To511() {
        TableModel rightLate = new TableModel(
                7, 512, (position, token, next) -> (next == (token + 1) % 7) == (position >= 256) ? 100f : 0f);
        assertEquals(1, Perplexity.of(rightLate, TEXT, Windows.of(512)).value(), 1e-12);
        TableModel oneLater = new TableModel(
                7, 512, (position, token, next) -> (next == (token + 1) % 7) == (position >= 257) ? 100f : 0f);
        assertTrue(Perplexity.of(oneLater, TEXT, Windows.of(512)).value() > 1.2);
    }

    @Test
    void scoresEachTokenAfterItsOwnPredecessorAcrossSlices() {
        List<Integer> scored = new ArrayList<>();
        TableModel model = new TableModel(7, 512, (position, token, next) -> {
            if (next == 0) {
                scored.add(position);
            }
            return 0f;
        });
        Perplexity.of(model, TEXT, Windows.of(512).limit(1));
        assertEquals(IntStream.range(256, 511).boxed().toList(), scored);
    }

    @Test
    void theErrorIsThatOfTheMeanOfTheLosses() {
        // losses alternate between log 2 and log 4 by position: mean 1.5 log 2, deviation 0.5 log 2
        TableModel model = new TableModel(4, 8, (p, t, n) -> p % 2 == 0 ? (n < 2 ? 0f : -1000f) : 0f);
        int[] text = new int[64];
        Perplexity measured =
                Perplexity.of(model, text, new Windows(8, 8, 4, 8, Windows.of(8).firstToken()));
        double mean = 1.5 * Math.log(2);
        assertEquals(Math.exp(mean), measured.value(), 1e-12);
        assertEquals(Math.exp(mean) * 0.5 * Math.log(2) / Math.sqrt(31), measured.error(), 1e-12);
    }

    @Test
    void beginsEachWindowWithTheGivenToken() {
        TableModel model = new TableModel(7, 16, (p, t, n) -> 0f);
        Perplexity.of(model, TEXT, Windows.of(16).limit(2).beginningWith(6));
        assertEquals(List.of(6, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0), model.windowsSeen.get(0));
        assertEquals(List.of(6, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1, 2), model.windowsSeen.get(1));
    }

    @Test
    void aStrideScoresEachLaterTokenOnce() {
        Perplexity measured = Perplexity.of(
                new TableModel(7, 16, (p, t, n) -> 0f), TEXT, Windows.of(16).stride(4));
        assertEquals(272, measured.windowCount());
        assertEquals(1100 - 12, measured.tokenCount());
    }

    @Test
    void tellsProgressAfterEachWindow() {
        List<String> heard = new ArrayList<>();
        Perplexity.of(
                new TableModel(7, 512, (p, t, n) -> 0f),
                TEXT,
                Windows.of(512),
                CacheType.F32,
                (done, total, value) -> heard.add(done + "/" + total + " " + Math.round(value)));
        assertEquals(List.of("1/2 7", "2/2 7"), heard);
    }

    @Test
    void refusesAShortTextAndALongWindow() {
        TableModel model = new TableModel(7, 512, (p, t, n) -> 0f);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> Perplexity.of(model, new int[511], Windows.of(512)))
                .getMessage();
        assertEquals("the text has 511 tokens, one window needs 512: give a longer text or a smaller context", message);
        assertThrows(IllegalArgumentException.class, () -> Perplexity.of(model, new int[2000], Windows.of(1024)));
        assertThrows(IllegalArgumentException.class, () -> Windows.of(2));
        assertThrows(IllegalArgumentException.class, () -> Windows.of(16).stride(16));
    }
}
