package dev.lathe.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.gguf.MetadataValue.FloatValue;
import dev.lathe.gguf.MetadataValue.IntegerValue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class MetadataTest {
    private final Metadata metadata = Metadata.builder()
            .string("string", "text")
            .uint32("uint32", 4_000_000_000L)
            .put("int64", new IntegerValue(MetadataType.INT64, -7))
            .float32("float32", 0.5f)
            .put("float64", new FloatValue(MetadataType.FLOAT64, 1e300))
            .bool("bool", true)
            .strings("strings", List.of("a", "", "ü"))
            .ints("ints", 1, -2)
            .put("uint8s", PrimitiveArray.integers(MetadataType.UINT8, 0, 255))
            .put("int64s", PrimitiveArray.integers(MetadataType.INT64, 1L << 31))
            .floats("floats", 1.5f, Float.NaN)
            .put("bools", PrimitiveArray.of(true, false))
            .put("doubles", PrimitiveArray.of(0.1))
            .build();

    @Test
    void givesEveryValueByItsType() {
        assertEquals("text", metadata.string("string"));
        assertEquals(4_000_000_000L, metadata.integer("uint32"));
        assertEquals(-7, metadata.intValue("int64"));
        assertEquals(0.5, metadata.number("float32"));
        assertEquals(1e300, metadata.number("float64"));
        assertEquals(-7.0, metadata.number("int64"));
        assertTrue(metadata.findBoolean("bool").orElseThrow());
        assertEquals(List.of("a", "", "ü"), metadata.strings("strings"));
        assertArrayEquals(new int[] {1, -2}, metadata.ints("ints"));
        assertArrayEquals(new int[] {0, 255}, metadata.ints("uint8s"));
        assertArrayEquals(new float[] {1.5f, Float.NaN}, metadata.floats("floats"));
        assertArrayEquals(
                new boolean[] {true, false}, metadata.findBooleans("bools").orElseThrow());
        assertEquals(0.1, ((PrimitiveArray) metadata.find("doubles").orElseThrow()).numberAt(0));
    }

    @Test
    void isEmptyWhereAKeyIsAbsent() {
        assertTrue(metadata.find("none").isEmpty());
        assertTrue(metadata.findString("none").isEmpty());
        assertTrue(metadata.findInteger("none").isEmpty());
        assertTrue(metadata.findNumber("none").isEmpty());
        assertTrue(metadata.findBoolean("none").isEmpty());
        assertTrue(metadata.findStrings("none").isEmpty());
        assertTrue(metadata.findInts("none").isEmpty());
        assertTrue(metadata.findFloats("none").isEmpty());
        assertTrue(metadata.findBooleans("none").isEmpty());
        assertFalse(metadata.contains("none"));
    }

    @Test
    void namesAKeyThatIsRequiredAndAbsent() {
        fails(() -> metadata.string("none"), "metadata none is missing, expected a string");
        fails(() -> metadata.integer("none"), "metadata none is missing, expected an integer");
        fails(() -> metadata.number("none"), "metadata none is missing, expected a number");
        fails(() -> metadata.strings("none"), "metadata none is missing, expected an array of strings");
        fails(() -> metadata.ints("none"), "metadata none is missing, expected an array of integers");
        fails(() -> metadata.floats("none"), "metadata none is missing, expected an array of FLOAT32");
    }

    @Test
    void namesBothTypesWhereTheyDiffer() {
        fails(() -> metadata.string("uint32"), "metadata uint32 has type UINT32, expected a string");
        fails(() -> metadata.integer("float32"), "metadata float32 has type FLOAT32, expected an integer");
        fails(() -> metadata.findNumber("string"), "metadata string has type STRING, expected a number");
        fails(() -> metadata.findBoolean("uint32"), "metadata uint32 has type UINT32, expected a boolean");
        fails(() -> metadata.strings("ints"), "metadata ints has type array of INT32, expected an array of strings");
        fails(() -> metadata.ints("bools"), "metadata bools has type array of BOOL, expected an array of integers");
        fails(() -> metadata.ints("uint32"), "metadata uint32 has type UINT32, expected an array of integers");
        fails(
                () -> metadata.floats("doubles"),
                "metadata doubles has type array of FLOAT64, expected an array of FLOAT32");
        fails(
                () -> metadata.findBooleans("ints"),
                "metadata ints has type array of INT32, expected an array of booleans");
    }

    @Test
    void roundsNoIntegerToItsRange() {
        fails(() -> metadata.intValue("uint32"), "uint32 holds 4000000000, expected -2147483648 to 2147483647");
        fails(() -> metadata.ints("int64s"), "int64s holds 2147483648");
    }

    @Test
    void refusesValuesThatTheirTypesCannotHold() {
        assertThrows(IllegalArgumentException.class, () -> new IntegerValue(MetadataType.UINT8, 256));
        assertThrows(IllegalArgumentException.class, () -> new IntegerValue(MetadataType.UINT32, -1));
        assertThrows(IllegalArgumentException.class, () -> new IntegerValue(MetadataType.INT8, 128));
        assertThrows(IllegalArgumentException.class, () -> new IntegerValue(MetadataType.BOOL, 1));
        assertThrows(IllegalArgumentException.class, () -> new FloatValue(MetadataType.FLOAT32, 0.1));
        assertThrows(IllegalArgumentException.class, () -> new FloatValue(MetadataType.INT32, 1));
        assertThrows(IllegalArgumentException.class, () -> PrimitiveArray.integers(MetadataType.UINT16, 1, 65536));
        assertThrows(IllegalArgumentException.class, () -> PrimitiveArray.integers(MetadataType.FLOAT32, 1));
        assertThrows(IllegalArgumentException.class, () -> Metadata.builder().string("k", "\uD800"));
        assertThrows(IllegalArgumentException.class, () -> Metadata.builder().bool("", true));
        assertThrows(IllegalArgumentException.class, () -> Metadata.builder().bool("k".repeat(65536), true));
    }

    @Test
    void keepsItsOrderWhenChangedByABuilder() {
        Metadata changed = metadata.toBuilder()
                .uint32("string", 1)
                .remove("int64")
                .bool("last", false)
                .build();
        List<String> keys = List.copyOf(changed.keys());
        assertEquals(List.of("string", "uint32", "float32"), keys.subList(0, 3));
        assertEquals("last", keys.getLast());
        assertEquals(1, changed.integer("string"));
        assertEquals("text", metadata.string("string"), "the original stays as it was");
        assertEquals(metadata, metadata.toBuilder().build());
        assertNotEquals(metadata, changed);
    }

    @Test
    void givesNoWayToChangeIt() {
        metadata.ints("ints")[0] = 99;
        metadata.floats("floats")[0] = 99;
        assertEquals(1, metadata.ints("ints")[0]);
        assertEquals(1.5f, metadata.floats("floats")[0]);
        assertThrows(
                UnsupportedOperationException.class,
                () -> metadata.strings("strings").set(0, "x"));
        assertThrows(UnsupportedOperationException.class, () -> metadata.keys().remove("ints"));
        Metadata.Builder builder = metadata.toBuilder();
        Metadata built = builder.build();
        builder.remove("string");
        assertTrue(built.contains("string"));
    }

    private static void fails(Executable access, String message) {
        GgufException thrown = assertThrows(GgufException.class, access);
        assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
        assertEquals(-1, thrown.byteOffset());
    }
}
