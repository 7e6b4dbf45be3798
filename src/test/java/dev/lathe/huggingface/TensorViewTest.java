package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.gguf.TensorInfo;
import dev.lathe.safetensors.ElementType;
import dev.lathe.safetensors.StoredTensor;
import dev.lathe.text.json.JsonException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors in an order that is not the folder's. */
class TensorViewTest {
    private final TensorView matrix = TensorView.of(new StoredTensor("a", ElementType.F16, List.of(6L, 4L), 0, 48, 0));

    @Test
    void axesAreSplitJoinedAndSwapped() {
        assertEquals(List.of(2L, 3L, 4L), matrix.split(0, 2, 3).shape());
        assertEquals(List.of(3L, 2L, 4L), matrix.split(0, 2, 3).swap(0).shape());
        assertEquals(List.of(6L, 4L), matrix.split(0, 2, 3).swap(0).join(0).shape());
        assertEquals(List.of(3L, 4L), matrix.everySecond(0, 1).shape());
        assertEquals(List.of(2L, 4L), matrix.part(0, 2, 3).shape());
        assertEquals(List.of(1L, 6L, 4L), matrix.stacked().shape());
        assertEquals(16, matrix.range(0, 1, 4).elementCount());
    }

    @Test
    void whatTheTensorIsTooShortForIsRefused() {
        assertThrows(JsonException.class, () -> matrix.split(0, 4, 2));
        assertThrows(JsonException.class, () -> matrix.split(0, Long.MAX_VALUE, 3));
        assertThrows(JsonException.class, () -> matrix.range(0, 3, 4));
        assertThrows(JsonException.class, () -> matrix.range(0, Long.MAX_VALUE, 2));
        assertThrows(JsonException.class, () -> matrix.everySecond(2, 0));
        assertThrows(JsonException.class, () -> matrix.swap(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"falcon-40b", "gpt2", "gpt_oss", "gpt_oss-mxfp4", "deepseek_v3", "qwen3-fp8", "llama-fp8"})
    void anyRangeOfBytesIsThatOfTheWhole(String name) throws IOException {
        Random random = new Random(1);
        try (ModelFolder folder = ModelFolder.open(Path.of("src/test/resources/references", name));
                Arena arena = Arena.ofConfined()) {
            for (TensorInfo tensor : folder.tensors()) {
                byte[] whole = folder.map(tensor, arena).toArray(ValueLayout.JAVA_BYTE);
                for (int i = 0; i < 10; i++) {
                    int from = random.nextInt(whole.length);
                    int count = random.nextInt(1, whole.length - from + 1);
                    assertArrayEquals(
                            Arrays.copyOfRange(whole, from, from + count),
                            folder.map(tensor, from, count, arena).toArray(ValueLayout.JAVA_BYTE),
                            tensor.name());
                }
            }
        }
    }
}
