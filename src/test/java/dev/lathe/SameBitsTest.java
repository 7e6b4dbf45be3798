package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.compress.Recipe;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The bits themselves: checksums of logits, the same on every machine, vector width and number of threads. A change
 * that is meant to change them, such as another order of summation, writes new ones here and says so in CHANGELOG.md.
 */
@OnEveryKernelSet
@Slow
class SameBitsTest {
    private static final Path FILE = Path.of("examples/models/lathe-java-f16.gguf");
    private static final String TEXT = "public static int max(int a, int b) {\n    return a > b ? a : b;\n}\n";

    @ParameterizedTest
    @CsvSource({
        "F16, 2328511698",
        "Q8_0, 3303713815",
        "Q4_0, 857057146",
        "Q6_K, 3644570046",
        "Q4_K, 2078960807",
        "IQ4_NL, 1330460616"
    })
    void logitsAreTheseBits(TensorType type, long checksum) throws IOException {
        try (CompressedModel made = Model.compress(FILE, Recipe.of(Quantize.to(type)))) {
            for (int threads = 1; threads <= 2; threads++) {
                try (Model model = Model.load(made.tensors(), new LoadOptions(threads));
                        Session session = model.newSession(SessionOptions.DEFAULT.contextLength(64))) {
                    assertEquals(
                            checksum,
                            checksum(session.logits(model.tokenizer().encode(TEXT))),
                            "the bits of " + type + " on " + threads + " threads");
                }
            }
        }
    }

    private static long checksum(FloatMatrix logits) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * logits.columns());
        CRC32 checksum = new CRC32();
        for (int row = 0; row < logits.rows(); row++) {
            bytes.asFloatBuffer().put(logits.data(), logits.offset(row), logits.columns());
            checksum.update(bytes.array());
        }
        return checksum.getValue();
    }
}
