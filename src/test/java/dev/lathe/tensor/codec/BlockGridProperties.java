package dev.lathe.tensor.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.tensor.TensorType;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What a grid returns can be written, and nothing that can be written is nearer. */
class BlockGridProperties {
    @Provide
    Arbitrary<TensorType> types() {
        return Arbitraries.of(Codecs.encodable()).filter(type -> type.blockSize() > 1);
    }

    @Provide
    Arbitrary<Elements> any() {
        return Elements.any();
    }

    @Property(tries = 400)
    void whatIsNearestIsWrittenExactly(
            @ForAll("types") TensorType type, @ForAll("any") Elements fitted, @ForAll("any") Elements others) {
        float[] values = fitted.of(type.blockSize());
        BlockGrid grid = BlockGrid.fit(type, values, 0, null, 0);
        float[] chosen = others.of(type.blockSize());
        for (int i = 0; i < chosen.length; i++) {
            float value = i % 2 == 0 ? chosen[i] : values[i];
            chosen[i] = grid.nearest(i, value);
            assertEquals(chosen[i], grid.nearest(i, chosen[i]), "element " + i);
        }
        byte[] block = new byte[type.blockBytes() + 2];
        grid.encode(chosen, 0, block, 1);
        float[] decoded = new float[chosen.length];
        BlockCodec.of(type).decode(block, 1, decoded, 0, decoded.length);
        for (int i = 0; i < chosen.length; i++) {
            assertTrue(chosen[i] == decoded[i], "element " + i + ": " + chosen[i] + " became " + decoded[i]);
        }
        assertEquals(0, block[0] | block[block.length - 1]);
    }

    @Property(tries = 300)
    void nothingIsNearer(@ForAll("types") TensorType type, @ForAll("any") Elements elements, @ForAll int seed) {
        float[] values = elements.of(type.blockSize());
        float[] importances = Elements.importances(values.length, seed);
        byte[] block = new byte[type.blockBytes()];
        BlockCodec.of(type).encode(values, 0, importances, 0, block, 0, values.length);
        float[] decoded = new float[values.length];
        BlockCodec.of(type).decode(block, 0, decoded, 0, decoded.length);
        BlockGrid grid = BlockGrid.fit(type, values, 0, importances, 0);
        BlockGrid same = BlockGrid.of(type, block, 0);
        for (int i = 0; i < values.length; i++) {
            float nearest = grid.nearest(i, values[i]);
            assertEquals(nearest, same.nearest(i, values[i]));
            assertTrue(Math.abs(nearest - values[i]) <= Math.abs(decoded[i] - values[i]), "element " + i);
            assertTrue(decoded[i] == grid.nearest(i, decoded[i]), "element " + i);
        }
    }

    /** However far beyond the grid, a value is nearest to its end. */
    @Property(tries = 200)
    void gridsEndForValuesOfAnySize(@ForAll("types") TensorType type, @ForAll int seed) {
        float[] values = new Elements(Elements.Kind.UNIFORM, seed).of(type.blockSize());
        BlockGrid grid = BlockGrid.fit(type, values, 0, null, 0);
        for (int i = 0; i < values.length; i++) {
            for (float sign = -1; sign <= 1; sign += 2) {
                float end = grid.nearest(i, 8 * sign);
                for (float far : new float[] {1e5f, 1e9f, 1e20f, Float.MAX_VALUE}) {
                    assertEquals(end, grid.nearest(i, far * sign), () -> type + " " + far);
                }
            }
        }
    }

    /** Codes that files may hold but encoders do not write: 2 d of TQ2_0, -128 d of Q8_0. */
    @Property(tries = 50)
    void gridsEndWhereEncodersDo(@ForAll int seed) {
        for (TensorType type : new TensorType[] {TensorType.TQ1_0, TensorType.TQ2_0, TensorType.Q8_0}) {
            float[] values = new Elements(Elements.Kind.UNIFORM, seed).of(type.blockSize());
            BlockGrid grid = BlockGrid.fit(type, values, 0, null, 0);
            float highest = grid.nearest(0, 10);
            assertTrue(highest > 0 && highest < 1.001f, () -> type + " " + highest);
            assertEquals(-highest, grid.nearest(0, -10), type.name());
        }
    }

    @Example
    void plainNumbersAndTypesThatAreDecodedOnlyHaveNoGrid() {
        for (TensorType type : new TensorType[] {TensorType.F16, TensorType.IQ2_S, TensorType.Q8_K}) {
            byte[] block = new byte[type.blockBytes()];
            assertThrows(IllegalArgumentException.class, () -> BlockGrid.of(type, block, 0), type.name());
        }
    }
}
