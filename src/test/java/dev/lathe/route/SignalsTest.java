package dev.lathe.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.decode.Token;
import dev.lathe.tensor.FloatMatrix;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class SignalsTest {
    private static Token token(double logProbability) {
        return new Token(1, "a", 0, OptionalDouble.of(logProbability), List.of());
    }

    @Test
    void anAnswersSignalsAreThoseOfItsTokens() {
        AnswerSignals signals = AnswerSignals.of(List.of(token(-1), token(-4), token(-1)));
        assertEquals(new AnswerSignals(3, -2, -4, -1), signals);
        assertEquals(Math.exp(2), signals.perplexity(), 1e-12);
        assertEquals(new AnswerSignals(0, 0, 0, 0), AnswerSignals.of(List.of()));
        Token untold = new Token(1, "a", 0, OptionalDouble.empty(), List.of());
        assertThrows(IllegalArgumentException.class, () -> AnswerSignals.of(List.of(untold)));
    }

    @Test
    void aPromptsSignalsAreThoseOfItsLogitsHoweverTheyComeInBatches() {
        float[][] rows = {{0, 0, 0, 0}, {10, 0, 0, 0}, {(float) Math.log(3), 0, -1000, -1000}};
        FloatMatrix all = FloatMatrix.zeros(3, 4);
        for (int row = 0; row < 3; row++) {
            System.arraycopy(rows[row], 0, all.data(), all.offset(row), 4);
        }
        PromptSignals signals = PromptSignals.of(all, 2, 1, 0);
        double second = -Math.log(1 + 3 * Math.exp(-10));
        assertEquals((-Math.log(4) + second) / 2, signals.meanLogProbability(), 1e-6);
        assertEquals(0.5, signals.margin(), 1e-6); // three quarters and one
        assertEquals(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25), signals.entropy(), 1e-6);
        PromptSignals.Reader reader = new PromptSignals.Reader(2, 1, 0);
        for (int row = 0; row < 3; row++) {
            FloatMatrix one = FloatMatrix.zeros(1, 4);
            System.arraycopy(rows[row], 0, one.data(), one.offset(0), 4);
            reader.read(row, one);
        }
        assertEquals(signals, reader.signals());
        assertEquals(0, PromptSignals.of(FloatMatrix.zeros(1, 4), 2).meanLogProbability());
        assertThrows(IllegalArgumentException.class, () -> PromptSignals.of(all, 2));
        assertThrows(IllegalArgumentException.class, PromptSignals.Reader::new);
    }
}
