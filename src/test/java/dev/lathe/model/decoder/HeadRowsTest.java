package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import org.junit.jupiter.api.Test;

class HeadRowsTest {
    /** The logits of a long prompt are hundreds of megabytes, which generating after it does not need. */
    @Test
    void roomForManyRowsIsGivenUpWhenFewAreWanted() {
        DecoderModel model = RandomModels.of(1, Workers.single(), KernelChoice.best());
        HeadRows rows = new HeadRows(model);
        rows.reserve(300);
        assertEquals(300 * model.vocabularySize(), rows.logits().data().length);
        rows.reserve(1);
        assertEquals(model.vocabularySize(), rows.logits().data().length);
    }
}
