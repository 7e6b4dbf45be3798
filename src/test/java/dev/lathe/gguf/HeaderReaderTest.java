package dev.lathe.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.gguf.MetadataValue.IntegerValue;
import dev.lathe.gguf.MetadataValue.NestedArray;
import dev.lathe.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderReaderTest {
    private static final int F32 = TensorType.F32.id();
    private static final int Q4_0 = TensorType.Q4_0.id();

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void readsEveryFieldOfAHandMadeFile(int version) {
        Header header = GgufBytes.start(version, 2, 4)
                .key("general.name", MetadataType.STRING)
                .string("größe")
                .key("general.alignment", MetadataType.UINT32)
                .u32(64)
                .array("pair", MetadataType.INT8, 2)
                .u8(-1)
                .u8(7)
                .array("nested", MetadataType.ARRAY, 2)
                .u32(MetadataType.STRING.ordinal())
                .u64(1)
                .string("deep")
                .u32(MetadataType.BOOL.ordinal())
                .u64(0)
                .tensor("second", Q4_0, 128, 64, 3)
                .tensor("first", F32, 0, 5)
                .zeros(400)
                .read();

        assertEquals(version, header.version());
        Metadata metadata = header.metadata();
        assertEquals(List.of("general.name", "general.alignment", "pair", "nested"), List.copyOf(metadata.keys()));
        assertEquals("größe", metadata.string("general.name"));
        assertEquals(64, metadata.intValue("general.alignment"));
        assertEquals(
                PrimitiveArray.integers(MetadataType.INT8, -1, 7),
                metadata.find("pair").orElseThrow());
        assertEquals(
                new NestedArray(List.of(StringArray.of(List.of("deep")), PrimitiveArray.of(new boolean[0]))),
                metadata.find("nested").orElseThrow());
        assertEquals(
                List.of(
                        new TensorInfo("second", TensorType.Q4_0, List.of(64L, 3L), 128, 0),
                        new TensorInfo("first", TensorType.F32, List.of(5L), 0, 0)),
                header.tensors());
        assertEquals(0, header.dataOffset() % 64);
    }

    @Test
    void readsTheExtremesOfEveryIntegerType() {
        Metadata metadata = GgufBytes.start(3, 0, 8)
                .key("u8", MetadataType.UINT8)
                .u8(0xFF)
                .key("i8", MetadataType.INT8)
                .u8(0x80)
                .key("u16", MetadataType.UINT16)
                .u8(0xFF)
                .u8(0xFF)
                .key("i16", MetadataType.INT16)
                .u8(0)
                .u8(0x80)
                .key("u32", MetadataType.UINT32)
                .u32(-1)
                .key("i32", MetadataType.INT32)
                .u32(Integer.MIN_VALUE)
                .key("u64", MetadataType.UINT64)
                .u64(-1)
                .key("i64", MetadataType.INT64)
                .u64(Long.MIN_VALUE)
                .read()
                .metadata();

        assertEquals(255, metadata.integer("u8"));
        assertEquals(-128, metadata.integer("i8"));
        assertEquals(65535, metadata.integer("u16"));
        assertEquals(-32768, metadata.integer("i16"));
        assertEquals(0xFFFF_FFFFL, metadata.integer("u32"));
        assertEquals(Integer.MIN_VALUE, metadata.integer("i32"));
        assertEquals(Long.MIN_VALUE, metadata.integer("i64"));
        assertEquals(
                new IntegerValue(MetadataType.UINT64, -1), metadata.find("u64").orElseThrow());
        rejects(() -> metadata.integer("u64"), metadata.byteOffset("u64"), "u64 holds 18446744073709551615");
    }

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void knowsTheSizeOfEveryTensorType(TensorType type) {
        GgufBytes exact = GgufBytes.start(3, 1, 0)
                .tensor("t", type.id(), 0, type.blockSize(), 3)
                .pad()
                .zeros(3 * type.blockBytes() - 1);
        rejects(exact, 24 + 9 + 4 + 16 + 4, "tensor t has " + 3 * type.blockBytes() + " bytes at 0");
        assertEquals(
                3 * type.blockBytes(), exact.u8(0).read().tensors().getFirst().byteCount());
    }

    @Test
    void acceptsAFileThatEndsWithItsHeader() {
        assertEquals(List.of(), GgufBytes.start(3, 0, 0).read().tensors());
    }

    @Test
    void rejectsWhatIsNoGgufFile() {
        rejects(new GgufBytes(), 0, "magic: 4 bytes", "0 left");
        rejects(new GgufBytes().raw("GGU"), 0, "magic: 4 bytes", "3 left");
        rejects(new GgufBytes().raw("PK\3\4").zeros(100), 0, "magic is 0x04034B50", "GGUF");
    }

    @Test
    void rejectsVersionsItDoesNotKnow() {
        rejects(GgufBytes.start(1, 0, 0), 4, "version is 1, expected 2 or 3");
        rejects(GgufBytes.start(4, 0, 0), 4, "version is 4");
        rejects(GgufBytes.start(0, 0, 0), 4, "version is 0");
        rejects(GgufBytes.start(0x03000000, 0, 0), 4, "big-endian", "little-endian");
    }

    @Test
    void rejectsCountsThatTheFileCannotHold() {
        rejects(GgufBytes.start(3, 1, 0), 8, "tensor count: 1 times at least 33 bytes", "8 left");
        rejects(GgufBytes.start(3, Long.MAX_VALUE, 0), 8, "tensor count: 9223372036854775807");
        rejects(GgufBytes.start(3, -1, 0), 8, "tensor count: 18446744073709551615");
        rejects(GgufBytes.start(3, 0, 1L << 60), 16, "metadata count: 1152921504606846976");
        rejects(new GgufBytes().raw("GGUF").u32(3).u32(0), 8, "tensor count: 8 bytes do not fit in the 4 left");
    }

    @Test
    void rejectsStringsThatDoNotFit() {
        rejects(GgufBytes.start(3, 0, 1).u64(1000).zeros(20), 24, "metadata key #0: 1000 bytes", "20 left");
        rejects(GgufBytes.start(3, 0, 1).u64(-1).zeros(20), 24, "metadata key #0: 18446744073709551615 bytes");
        rejects(
                GgufBytes.start(3, 0, 1).key("k", MetadataType.STRING).u64(Integer.MAX_VALUE),
                37,
                "metadata k: 2147483647 bytes");
        rejects(
                GgufBytes.start(3, 0, 1)
                        .array("k", MetadataType.STRING, 2)
                        .string("a")
                        .u64(1),
                58,
                "element of metadata k: 1 bytes do not fit in the 0 left");
    }

    @Test
    void rejectsArraysThatDoNotFit() {
        for (MetadataType type : MetadataType.values()) {
            rejects(
                    GgufBytes.start(3, 0, 1).array("k", type, 1L << 61).zeros(64),
                    41,
                    "length of metadata k: 2305843009213693952",
                    "64 left");
        }
    }

    @Test
    void rejectsEveryEndOfFileWithinTheHeader() {
        byte[] whole = GgufBytes.start(3, 1, 2)
                .array("k", MetadataType.STRING, 2)
                .string("a")
                .string("b")
                .key("f", MetadataType.FLOAT64)
                .u64(0)
                .tensor("t", F32, 0, 1)
                .toArray();
        for (int length = 0; length < whole.length; length++) {
            GgufBytes cut = new GgufBytes().raw(Arrays.copyOf(whole, length));
            GgufException thrown = assertThrows(GgufException.class, cut::read);
            assertTrue(thrown.byteOffset() >= 0 && thrown.byteOffset() <= length, thrown.getMessage());
        }
    }

    @Test
    void rejectsTextThatIsNotUtf8() {
        byte[] latin = {'a', 'b', (byte) 0xE9, 'c'};
        rejects(GgufBytes.start(3, 0, 1).string(latin).u32(0).u8(0), 24 + 8 + 2, "metadata key #0 is not valid UTF-8");
        rejects(
                GgufBytes.start(3, 0, 1).key("k", MetadataType.STRING).string(latin),
                24 + 13 + 8 + 2,
                "metadata k is not valid UTF-8");
        rejects(
                GgufBytes.start(3, 0, 1)
                        .array("k", MetadataType.STRING, 2)
                        .string("ok")
                        .string(latin),
                24 + 13 + 12 + 10 + 8 + 2,
                "metadata k is not valid UTF-8");
        rejects(GgufBytes.start(3, 1, 0).string(latin).zeros(40), 24 + 8 + 2, "name of tensor #0 is not valid UTF-8");
    }

    @Test
    void rejectsNamesThatAreEmptyTooLongOrTwice() {
        rejects(GgufBytes.start(3, 0, 1).key("", MetadataType.BOOL).zeros(9), 24, "metadata key #0 has 0 bytes");
        rejects(
                GgufBytes.start(3, 0, 1)
                        .key("k".repeat(65536), MetadataType.BOOL)
                        .u8(0),
                24,
                "metadata key #0 has 65536 bytes, expected 1 to 65535");
        rejects(GgufBytes.start(3, 1, 0).tensor("", F32, 0, 1).zeros(50), 24, "name of tensor #0 has 0 bytes");
        rejects(
                GgufBytes.start(3, 0, 2)
                        .key("k", MetadataType.BOOL)
                        .u8(0)
                        .key("k", MetadataType.INT64)
                        .u64(0),
                38,
                "metadata k appears twice");
        rejects(
                GgufBytes.start(3, 2, 0)
                        .tensor("t", F32, 0, 1)
                        .tensor("t", F32, 32, 1)
                        .zeros(99),
                57,
                "tensor t appears twice");
    }

    @Test
    void rejectsUnknownTypes() {
        rejects(GgufBytes.start(3, 0, 1).string("k").u32(13).u64(0), 33, "type of metadata k is 13");
        rejects(GgufBytes.start(3, 0, 1).string("k").u32(-1).u64(0), 33, "type of metadata k is 4294967295");
        rejects(
                GgufBytes.start(3, 0, 1).key("k", MetadataType.ARRAY).u32(77).u64(0),
                37,
                "element type of metadata k is 77");
        for (int removedType : new int[] {4, 5, 31, 36, 1000, -1}) {
            rejects(
                    GgufBytes.start(3, 1, 0).tensor("t", removedType, 0, 32).zeros(64),
                    45,
                    "tensor t has the unknown type id " + Integer.toUnsignedString(removedType));
        }
    }

    @Test
    void rejectsBooleansOtherThanZeroAndOne() {
        rejects(
                GgufBytes.start(3, 0, 1).key("k", MetadataType.BOOL).u8(2),
                37,
                "metadata k is the boolean 2, expected 0 or 1");
        rejects(
                GgufBytes.start(3, 0, 1)
                        .array("k", MetadataType.BOOL, 3)
                        .u8(1)
                        .u8(0)
                        .u8(255),
                51,
                "metadata k is the boolean 255");
    }

    @Test
    void rejectsArraysNestedTooDeep() {
        assertEquals(1, nested(Header.MAX_ARRAY_DEPTH).read().metadata().keys().size());
        rejects(nested(Header.MAX_ARRAY_DEPTH + 1), 24 + 13 + 12 * Header.MAX_ARRAY_DEPTH, "k nests arrays", "8 deep");
        rejects(nested(100_000), 24 + 13 + 12 * Header.MAX_ARRAY_DEPTH, "k nests arrays", "8 deep");
    }

    private static GgufBytes nested(int depth) {
        GgufBytes bytes = GgufBytes.start(3, 0, 1).key("k", MetadataType.ARRAY);
        for (int i = 1; i < depth; i++) {
            bytes.u32(MetadataType.ARRAY.ordinal()).u64(1);
        }
        return bytes.u32(MetadataType.INT32.ordinal()).u64(0);
    }

    @Test
    void rejectsAlignmentsThatAreNoPowerOfTwo() {
        for (int alignment : new int[] {0, 3, 24, -1, 1 << 21}) {
            rejects(
                    GgufBytes.start(3, 0, 1)
                            .key("general.alignment", MetadataType.UINT32)
                            .u32(alignment),
                    53,
                    "general.alignment is " + Integer.toUnsignedString(alignment),
                    "power of two");
        }
        rejects(
                GgufBytes.start(3, 0, 1)
                        .key("general.alignment", MetadataType.STRING)
                        .string("32"),
                53,
                "general.alignment has type STRING, expected an integer");
    }

    @Test
    void rejectsDimensionsThatAreImpossible() {
        rejects(
                GgufBytes.start(3, 1, 0).tensor("t", F32, 0).zeros(99),
                33,
                "tensor t has 0 dimensions, expected 1 to 4");
        rejects(GgufBytes.start(3, 1, 0).tensor("t", F32, 0, 1, 1, 1, 1, 1).zeros(9), 33, "tensor t has 5 dimensions");
        rejects(GgufBytes.start(3, 1, 0).tensor("t", F32, 0, 4, 0).zeros(9), 33, "tensor t has a dimension of 0");
        rejects(
                GgufBytes.start(3, 1, 0).tensor("t", F32, 0, 4, -1).zeros(9),
                33,
                "tensor t has a dimension of 18446744073709551615");
        rejects(
                GgufBytes.start(3, 1, 0).tensor("t", F32, 0, 1L << 32, 1L << 32).zeros(9),
                33,
                "tensor t [4294967296, 4294967296] F32 has more than 9223372036854775807 bytes");
        rejects(GgufBytes.start(3, 1, 0).tensor("t", F32, 0, 1L << 61).zeros(9), 33, "has more than");
        rejects(
                GgufBytes.start(3, 1, 0).tensor("t", Q4_0, 0, 33, 32).zeros(9),
                33,
                "tensor t has rows of 33 elements, Q4_0 needs a multiple of 32");
    }

    @Test
    void rejectsDataThatIsNotWhereItMustBe() {
        int offsetField = 24 + 9 + 4 + 8 + 4;
        rejects(
                GgufBytes.start(3, 1, 0).tensor("t", F32, 4, 1).zeros(99),
                offsetField,
                "tensor t begins at 4 of the data, no multiple of the alignment 32");
        rejects(
                GgufBytes.start(3, 1, 0).tensor("t", F32, 0, 8).pad().zeros(31),
                offsetField,
                "tensor t has 32 bytes at 0 of the data, which ends at 31",
                "cut off");
        rejects(
                GgufBytes.start(3, 1, 0).tensor("t", F32, 1L << 40, 8).pad().zeros(32),
                offsetField,
                "at 1099511627776");
        rejects(
                GgufBytes.start(3, 1, 0).tensor("t", F32, -32, 8).pad().zeros(32),
                offsetField,
                "at 18446744073709551584");
        rejects(
                GgufBytes.start(3, 1, 0)
                        .tensor("t", F32, Long.MAX_VALUE & -32, 8)
                        .pad()
                        .zeros(32),
                offsetField,
                "t has 32");
        rejects(
                GgufBytes.start(3, 2, 0)
                        .tensor("t", F32, 0, 9)
                        .tensor("u", F32, 32, 1)
                        .pad()
                        .zeros(99),
                offsetField + 33,
                "tensor u at 32 of the data overlaps tensor t of 36 bytes at 0");
        rejects(
                GgufBytes.start(3, 2, 0)
                        .tensor("u", F32, 32, 1)
                        .tensor("t", F32, 32, 1)
                        .pad()
                        .zeros(99),
                offsetField + 33,
                "tensor t at 32 of the data overlaps tensor u");
    }

    @Test
    void readsNoHeaderBeyondItsBound() {
        GgufBytes bytes = GgufBytes.start(3, 0, 1)
                .array("k", MetadataType.UINT8, 1L << 40)
                .zeros(64);
        rejects(
                () -> GgufBytes.read(bytes.toArray(), 1L << 50),
                41,
                "length of metadata k reaches beyond the first 67108864 bytes");
    }

    @Test
    void rejectsAFileThatShrinksWhileItIsRead() {
        GgufBytes bytes = GgufBytes.start(3, 0, 1).string("k");
        rejects(() -> GgufBytes.read(bytes.toArray(), 1000), 33, "the file ends here, but had 1000 bytes");
    }

    @Test
    void readsHeadersOfManyPortions() {
        List<String> strings = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            strings.add("é".repeat(i % 13) + i);
        }
        Metadata metadata = Metadata.builder()
                .strings("strings", strings)
                .ints("ints", IntStream.range(0, 300_000).toArray())
                .string("text", "x".repeat(1_000_000))
                .build();
        byte[] header = HeaderWriter.write(metadata, List.of());
        assertEquals(metadata, GgufBytes.read(header, header.length).metadata());
        assertEquals(strings, GgufBytes.read(header, header.length).metadata().strings("strings"));
    }

    private static void rejects(GgufBytes bytes, long byteOffset, String... parts) {
        rejects(bytes::read, byteOffset, parts);
    }

    private static void rejects(Executable read, long byteOffset, String... parts) {
        GgufException thrown = assertThrows(GgufException.class, read);
        for (String part : parts) {
            assertTrue(thrown.getMessage().contains(part), () -> "\"" + thrown.getMessage() + "\" lacks " + part);
        }
        assertEquals(byteOffset, thrown.byteOffset(), thrown.getMessage());
        assertTrue(thrown.getMessage().endsWith("(at byte " + byteOffset + ")"), thrown.getMessage());
    }
}
