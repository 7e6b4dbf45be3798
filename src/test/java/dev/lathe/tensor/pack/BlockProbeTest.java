package dev.lathe.tensor.pack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.kernel.TileLayout;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which formats are packed by moving bits alone. */
class BlockProbeTest {
    @Test
    void allButThoseWithCodesInPowersOfThreeOrScalesThatAreConverted() {
        Set<TensorType> others = EnumSet.noneOf(TensorType.class);
        Stream.of(TensorType.values())
                .filter(type -> TileLayout.of(type).isPresent())
                .filter(type -> BlockProbe.find(type, TileLayout.of(type).get()).isEmpty())
                .forEach(others::add);
        assertEquals(EnumSet.of(TensorType.TQ1_0, TensorType.MXFP4), others);
    }
}
