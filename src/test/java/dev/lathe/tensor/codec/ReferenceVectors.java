package dev.lathe.tensor.codec;

import dev.lathe.ReferenceData;
import dev.lathe.tensor.TensorType;
import dev.lathe.text.TestJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Rows encoded and decoded by ggml. */
final class ReferenceVectors {
    static final int ROWS = 13;
    static final int COLUMNS = 1024;

    private ReferenceVectors() {}

    /** One type, encoded with or without importances. Errors by row; null where ggml got no number. */
    record Vectors(
            TensorType type,
            boolean weighted,
            byte[] encoded,
            float[] decoded,
            Double[] error,
            Double[] weightedError) {
        @Override
        public String toString() {
            return type + (weighted ? " with importances" : "");
        }
    }

    static Stream<Vectors> all() {
        Map<String, Object> root = TestJson.map(TestJson.read(ReferenceData.require("quant/vectors.json")));
        return ((List<?>) root.get("types")).stream().map(TestJson::map).map(entry -> {
            TensorType type = Stream.of(TensorType.values())
                    .filter(candidate -> candidate.name().equalsIgnoreCase((String) entry.get("type")))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(entry.get("type")));
            return new Vectors(
                    type,
                    (Boolean) entry.get("weighted"),
                    bytes((String) entry.get("encoded")),
                    floats((String) entry.get("decoded")),
                    errors(entry.get("rmse")),
                    errors(entry.get("weightedRmse")));
        });
    }

    static float[] input() {
        return floats("input.f32");
    }

    static float[] importances() {
        return floats("importance.f32");
    }

    private static Double[] errors(Object list) {
        return ((List<?>) list)
                .stream()
                        .map(error -> error == null ? null : Double.valueOf(((Number) error).doubleValue()))
                        .toArray(Double[]::new);
    }

    private static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(ReferenceData.require("quant/" + name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static float[] floats(String name) {
        byte[] bytes = bytes(name);
        float[] floats = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }
}
