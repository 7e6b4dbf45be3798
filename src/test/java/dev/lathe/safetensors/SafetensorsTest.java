package dev.lathe.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    private static final String TWO =
            "{'__metadata__': {'format': 'pt'}, 'b': {'dtype': 'F32', 'shape': [2], 'data_offsets': [4, 12]},"
                    + "'a': {'dtype': 'BF16', 'shape': [1, 2], 'data_offsets': [0, 4]}}";

    @TempDir
    private Path folder;

    @Test
    void tensorsAreInTheOrderOfTheirBytes() throws IOException {
        Path path = write("two.safetensors", TWO, 12);
        try (Safetensors file = Safetensors.open(path);
                Arena arena = Arena.ofConfined()) {
            assertEquals(
                    List.of("a", "b"),
                    file.tensors().stream().map(StoredTensor::name).toList());
            StoredTensor b = file.tensor("b").orElseThrow();
            assertEquals(List.of(2L), b.shape());
            assertEquals(ElementType.F32, b.type());
            assertArrayEquals(new byte[] {5, 6}, file.map(b, 1, 2, arena).toArray(ValueLayout.JAVA_BYTE));
            assertThrows(IndexOutOfBoundsException.class, () -> file.map(b, 7, 2, arena));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4]}} | 8 | 4 bytes before",
                "{'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [4, 8]}} | 8 | leave a hole",
                "{'a': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 4]}} | 4 | has 8",
                "{'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 8]}} | 8 | hold 8 bytes",
                "{'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [8, 4]}} | 8 | a first byte and an end",
                "{'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [-4, 0]}} | 8 | no length or offset",
                "{'a': {'dtype': 'F32', 'shape': [-1], 'data_offsets': [0, 4]}} | 4 | no length or offset",
                "{'a': {'dtype': 'F32', 'shape': [1.5], 'data_offsets': [0, 4]}} | 4 | an integer is expected",
                "{'a': {'dtype': 'F32', 'shape': '1', 'data_offsets': [0, 4]}} | 4 | an array is expected",
                "{'a': {'dtype': 'Q4', 'shape': [1], 'data_offsets': [0, 4]}} | 4 | unknown dtype Q4",
                "{'a': {'shape': [1], 'data_offsets': [0, 4]}} | 4 | 'dtype' is missing",
                "{'a': 1} | 4 | an object is expected",
                "{'a': {'dtype': 'F32', 'shape': [1], 'data_offsets': [0, 4, 8]}} | 4 | at most 2",
                "{'a': {'dtype': 'F32', 'shape': [9223372036854775807, 4], 'data_offsets': [0, 4]}} | 4 | more than 2^63",
                "{'a': {'dtype': 'F32', 'shape': [99999999999999999999], 'data_offsets': [0, 4]}} | 4 | beyond 64 bits",
                "{'a': {'dtype': 'F32', 'shape': [1000000000000], 'data_offsets': [0, 4000000000000]}} | 4 | reach beyond",
                "{'a': {'dtype': 'U8', 'shape': [3], 'data_offsets': [0, 3]}, 'b': {'dtype': 'U8', 'shape': [2], 'data_offsets': [2, 4]}} | 4 | overlap",
                "{'a': {'dtype': 'U8', 'shape': [4], 'data_offsets': [0, 4]}, 'a': {'dtype': 'U8', 'shape': [4], 'data_offsets': [0, 4]}} | 4 | occurs twice",
                "{'__metadata__': {'a': 1}} | 0 | object of texts",
                "[] | 0 | no JSON object",
                "{'a': {'dtype': 'F32', 'shape': [1,1,1,1,1,1,1,1,1], 'data_offsets': [0, 4]}} | 4 | at most 8",
            })
    void headersThatContradictAreRefused(String header, int dataBytes, String message) throws IOException {
        Path path = write("forged.safetensors", header.strip(), dataBytes);
        SafetensorsException refused = assertThrows(SafetensorsException.class, () -> Safetensors.open(path));
        assertTrue(refused.getMessage().startsWith(path + ": "), refused.getMessage());
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }

    @Test
    void lengthsOfTheHeaderThatDoNotFitAreRefused() throws IOException {
        byte[] good = Files.readAllBytes(write("good.safetensors", TWO, 12));
        for (long length : new long[] {-1, Long.MIN_VALUE, 0, 1, good.length - 7, 1L << 40, Long.MAX_VALUE}) {
            byte[] forged = good.clone();
            ByteBuffer.wrap(forged).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            Path path = Files.write(folder.resolve("forged.safetensors"), forged);
            assertThrows(SafetensorsException.class, () -> Safetensors.open(path), "length " + length);
        }
        Path empty = Files.write(folder.resolve("empty.safetensors"), new byte[7]);
        assertThrows(SafetensorsException.class, () -> Safetensors.open(empty));
    }

    @Test
    @Slow
    void mutatedFilesGiveOneKindOfException() throws IOException {
        byte[] good = Files.readAllBytes(write("good.safetensors", TWO, 12));
        RandomGenerator random = RandomGeneratorFactory.getDefault().create(1);
        for (int i = 0; i < 3000; i++) {
            byte[] forged = random.nextInt(4) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int changes = random.nextInt(3); changes >= 0 && forged.length > 0; changes--) {
                forged[random.nextInt(forged.length)] =
                        (byte) " \"0123456789-.,:[]{}eE\\u\0\377".charAt(random.nextInt(26));
            }
            Path path = Files.write(folder.resolve("forged.safetensors"), forged);
            try (Safetensors file = Safetensors.open(path)) {
                file.tensors().forEach(tensor -> assertTrue(tensor.byteCount() <= forged.length));
            } catch (SafetensorsException expected) {
                // Any other exception fails the test.
            }
        }
    }

    @Test
    void anIndexTiesFilesOfItsFolderTogether() throws IOException {
        write("m-1.safetensors", "{'a': {'dtype': 'U8', 'shape': [1], 'data_offsets': [0, 1]}}", 1);
        write("m-2.safetensors", "{'b': {'dtype': 'U8', 'shape': [2], 'data_offsets': [0, 2]}}", 2);
        write("x-a.safetensors", "{'a': {'dtype': 'U8', 'shape': [1], 'data_offsets': [0, 1]}}", 1);
        try (Safetensors files = Safetensors.openIndexed(index("'a': 'm-1.safetensors', 'b': 'm-2.safetensors'"))) {
            assertEquals(2, files.tensors().size());
            assertEquals(1, files.tensor("b").orElseThrow().fileIndex());
        }
        for (String map : List.of(
                "",
                "'a': 1",
                "'a': '../m-1.safetensors'",
                "'a': '/m-1.safetensors'",
                "'a': '..'",
                "'a': 'config.json'",
                "'b': 'm-1.safetensors'",
                "'c': 'm-1.safetensors'",
                "'a': 'm-1.safetensors', 'a2': 'x-a.safetensors'")) {
            Path index = index(map);
            assertThrows(SafetensorsException.class, () -> Safetensors.openIndexed(index), map);
        }
        Path absent = index("'a': 'm-9.safetensors'");
        assertThrows(IOException.class, () -> Safetensors.openIndexed(absent));
    }

    private Path index(String map) throws IOException {
        return Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                ("{'metadata': {'total_size': 3}, 'weight_map': {" + map + "}}").replace('\'', '"'));
    }

    /** A file with this header, whose data are the numbers from 0 on. */
    private Path write(String name, String header, int dataBytes) throws IOException {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json);
        for (byte i = 0; i < dataBytes; i++) {
            bytes.put(i);
        }
        return Files.write(folder.resolve(name), bytes.array());
    }
}
