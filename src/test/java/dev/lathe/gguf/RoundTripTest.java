package dev.lathe.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.gguf.MetadataValue.ArrayValue;
import dev.lathe.gguf.MetadataValue.BooleanValue;
import dev.lathe.gguf.MetadataValue.FloatValue;
import dev.lathe.gguf.MetadataValue.IntegerValue;
import dev.lathe.gguf.MetadataValue.NestedArray;
import dev.lathe.gguf.MetadataValue.StringValue;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class RoundTripTest {
    record Tensor(TensorType type, List<Long> dimensions) {}

    @Property(tries = 500)
    void headersAreReadAsTheyWereWritten(@ForAll("metadata") Metadata metadata) {
        byte[] header = HeaderWriter.write(metadata, List.of());
        Header read = GgufBytes.read(header, header.length);
        assertEquals(metadata, read.metadata());
        assertEquals(Header.LATEST_VERSION, read.version());
        assertArrayEquals(header, HeaderWriter.write(read.metadata(), List.of()));
    }

    @Property(tries = 100)
    void filesAreReadAsTheyWereWritten(
            @ForAll("metadata") Metadata metadata,
            @ForAll("alignments") int alignment,
            @ForAll @Size(max = 6) List<@From("tensors") Tensor> tensors,
            @ForAll long seed)
            throws IOException {
        Metadata aligned =
                metadata.toBuilder().uint32("general.alignment", alignment).build();
        Random random = new Random(seed);
        List<byte[]> contents = new ArrayList<>();
        Path path = Files.createTempFile("round-trip", ".gguf");
        try {
            GgufWriter writer = GgufWriter.to(path).metadata(aligned);
            for (Tensor tensor : tensors) {
                TensorInfo info = new TensorInfo("t" + contents.size(), tensor.type(), tensor.dimensions(), 0, 0);
                byte[] content = new byte[(int) info.byteCount()];
                random.nextBytes(content);
                contents.add(content);
                writer.tensor(info.name(), info.type(), info.dimensions(), inPieces(content, random));
            }
            writer.write();

            try (GgufFile file = GgufFile.open(path);
                    Arena arena = Arena.ofConfined()) {
                assertEquals(aligned, file.metadata());
                assertEquals(Files.size(path), file.byteCount());
                assertEquals(tensors.size(), file.tensors().size());
                for (int i = 0; i < tensors.size(); i++) {
                    TensorInfo info = file.tensors().get(i);
                    assertEquals(tensors.get(i), new Tensor(info.type(), info.dimensions()));
                    assertEquals(0, info.byteOffset() % alignment);
                    MemorySegment mapped = file.map(info, arena);
                    assertEquals(-1, mapped.mismatch(MemorySegment.ofArray(contents.get(i))));
                    long from = random.nextLong(info.byteCount() + 1);
                    long count = random.nextLong(info.byteCount() - from + 1);
                    assertArrayEquals(
                            mapped.asSlice(from, count).toArray(ValueLayout.JAVA_BYTE),
                            file.map(info, from, count, arena).toArray(ValueLayout.JAVA_BYTE));
                }
            }
        } finally {
            Files.delete(path);
        }
    }

    private static GgufWriter.Content inPieces(byte[] content, Random random) {
        int cut = random.nextInt(content.length + 1);
        return channel -> {
            channel.write(ByteBuffer.wrap(content, 0, cut));
            channel.write(ByteBuffer.wrap(content, cut, content.length - cut));
        };
    }

    @Provide
    Arbitrary<Integer> alignments() {
        return Arbitraries.of(1, 2, 8, 32, 64, 4096);
    }

    @Provide
    Arbitrary<Tensor> tensors() {
        Arbitrary<Long> lengths = Arbitraries.longs().between(1, 5);
        return Combinators.combine(
                        Arbitraries.of(TensorType.class),
                        lengths.list().ofMinSize(1).ofMaxSize(4))
                .as((type, dimensions) -> {
                    List<Long> blocked = new ArrayList<>(dimensions);
                    blocked.set(0, dimensions.getFirst() * type.blockSize());
                    return new Tensor(type, blocked);
                });
    }

    @Provide
    Arbitrary<Metadata> metadata() {
        Arbitrary<String> keys = Arbitraries.strings()
                .alpha()
                .numeric()
                .withChars("._-é")
                .ofMinLength(1)
                .ofMaxLength(20);
        return Arbitraries.maps(keys, values()).ofMaxSize(12).map(RoundTripTest::metadataOf);
    }

    private static Metadata metadataOf(Map<String, MetadataValue> values) {
        Metadata.Builder metadata = Metadata.builder();
        values.forEach(metadata::put);
        return metadata.build();
    }

    private static Arbitrary<MetadataValue> values() {
        return Arbitraries.oneOf(
                integerTypes().flatMap(type -> integers(type).map(value -> new IntegerValue(type, value))),
                Arbitraries.floats().map(value -> new FloatValue(MetadataType.FLOAT32, value)),
                Arbitraries.doubles().map(value -> new FloatValue(MetadataType.FLOAT64, value)),
                Arbitraries.of(Double.NaN, Double.NEGATIVE_INFINITY, -0.0)
                        .map(value -> new FloatValue(MetadataType.FLOAT32, value)),
                Arbitraries.of(true, false).map(BooleanValue::new),
                texts().map(StringValue::new),
                arrays(2));
    }

    private static Arbitrary<ArrayValue> arrays(int depth) {
        Arbitrary<ArrayValue> flat = Arbitraries.oneOf(
                integerTypes()
                        .flatMap(type -> integers(type)
                                .array(long[].class)
                                .ofMaxSize(9)
                                .map(values -> PrimitiveArray.integers(type, values))),
                Arbitraries.floats().array(float[].class).ofMaxSize(9).map(PrimitiveArray::of),
                Arbitraries.doubles().array(double[].class).ofMaxSize(9).map(PrimitiveArray::of),
                Arbitraries.of(true, false).array(boolean[].class).ofMaxSize(9).map(PrimitiveArray::of),
                texts().list().ofMaxSize(9).map(StringArray::of));
        return depth == 0
                ? flat
                : Arbitraries.oneOf(flat, arrays(depth - 1).list().ofMaxSize(4).map(NestedArray::new));
    }

    private static Arbitrary<MetadataType> integerTypes() {
        return Arbitraries.of(MetadataType.class).filter(MetadataType::isInteger);
    }

    private static Arbitrary<Long> integers(MetadataType type) {
        return Arbitraries.longs()
                .map(value -> value >> (64 - 8 * type.smallestBytes()))
                .map(value -> type.holds(value) ? value : ~value);
    }

    private static Arbitrary<String> texts() {
        return Arbitraries.strings().ofMaxLength(30).map(text -> new String(text.getBytes(UTF_8), UTF_8));
    }
}
