package dev.lathe.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.model.CacheType;
import org.junit.jupiter.api.Test;

class DivergenceTest {
    private static final int[] TEXT = new int[160];

    @Test
    void aModelIsNoWayFromItself() {
        TableModel model = new TableModel(5, 16, (p, t, n) -> (p * 31 + n * 17) % 11);
        Divergence same = between(model, model);
        assertEquals(0, same.mean());
        assertEquals(0, same.quantile99());
        assertEquals(1, same.topAgreement());
        assertEquals(same.base(), same.model());
    }

    @Test
    void isThatOfTheModelFromItsBaseAndNotTheOtherWayRound() {
        // base 3/4 : 1/4, model 1/4 : 3/4 on even positions, alike on odd ones
        TableModel base = new TableModel(2, 16, (p, t, n) -> n == 0 ? (float) Math.log(3) : 0f);
        TableModel model = new TableModel(2, 16, (p, t, n) -> n == p % 2 ? 0f : (float) Math.log(p % 2 == 0 ? 9 : 3));
        Divergence far = between(base, model);
        double even = 0.75 * Math.log(0.75 / 0.1) + 0.25 * Math.log(0.25 / 0.9);
        assertEquals(even * 4 / 7, far.mean(), 1e-6); // positions 8 to 14 predict: 4 even ones, 3 odd
        assertEquals(even, far.quantile99(), 1e-6);
        assertEquals(3.0 / 7, far.topAgreement(), 1e-12);
    }

    @Test
    void interpolatesQuantiles() {
        assertEquals(2.5, Divergence.quantile(new double[] {4, 1, 3, 2}, 0.5));
        assertEquals(4, Divergence.quantile(new double[] {4, 1, 3, 2}, 1));
    }

    @Test
    void refusesAnotherVocabulary() {
        TableModel two = new TableModel(2, 16, (p, t, n) -> 0f);
        TableModel three = new TableModel(3, 16, (p, t, n) -> 0f);
        assertThrows(IllegalArgumentException.class, () -> between(two, three));
    }

    private static Divergence between(TableModel base, TableModel model) {
        return Divergence.between(base, model, TEXT, Windows.of(16), CacheType.F32, Progress.NONE);
    }
}
