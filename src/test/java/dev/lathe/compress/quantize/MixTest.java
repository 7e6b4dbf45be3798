package dev.lathe.compress.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.gguf.GgufFile;
import dev.lathe.tensor.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes are those that llama-quantize plans for the same files. */
class MixTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-f16.gguf");
    private static final Path DRAFT = Path.of("examples/models/lathe-java-draft-f16.gguf");

    @ParameterizedTest
    @CsvSource({
        "Q4_0, 4416512, Q4_0 56 Q6_K 1",
        "Q4_1, 4809728, Q4_1 56 Q6_K 1",
        "Q5_0, 5202944, Q5_0 56 Q6_K 1",
        "Q5_1, 5596160, Q5_1 56 Q6_K 1",
        "Q8_0, 7816192, Q8_0 57",
        "Q2_K, 3181568, Q2_K 32 Q3_K 24 Q6_K 1",
        "Q2_K_S, 2988032, Q2_K 55 Q4_K 1 Q6_K 1",
        "Q3_K_S, 3580928, Q3_K 56 Q6_K 1",
        "Q3_K_M, 3902464, Q3_K 32 Q4_K 22 Q5_K 2 Q6_K 1",
        "Q3_K_L, 4189184, Q3_K 32 Q5_K 24 Q6_K 1",
        "Q4_K_S, 4457472, Q4_K 51 Q5_K 5 Q6_K 1",
        "Q4_K_M, 4653056, Q4_K 48 Q6_K 9",
        "Q5_K_S, 5202944, Q5_K 56 Q6_K 1",
        "Q5_K_M, 5324800, Q5_K 48 Q6_K 9",
        "Q6_K, 6038528, Q6_K 57",
        "IQ4_NL, 4441088, IQ4_NL 55 Q5_K 1 Q6_K 1",
        "IQ4_XS, 4250624, IQ4_XS 55 Q5_K 1 Q6_K 1",
        "TQ1_0, 2204672, Q6_K 1 TQ1_0 56",
        "TQ2_0, 2499584, Q6_K 1 TQ2_0 56"
    })
    void everyMixChoosesTheSameTypesForASmallModel(String mix, long bytes, String types) throws IOException {
        QuantizationPlan plan = plan(MODEL, mix);
        assertEquals(bytes, plan.byteCount());
        assertEquals(types, types(plan));
    }

    @ParameterizedTest
    @CsvSource({
        "Q4_0, 89941248, Q4_0 210 Q8_0 1",
        "Q2_K, 86416128, IQ4_NL 180 Q3_K 30 Q8_0 1",
        "Q2_K_S, 84342528, IQ4_NL 180 Q2_K 27 Q4_K 3 Q8_0 1",
        "Q3_K_M, 91724544, IQ4_NL 120 Q4_K 29 Q5_0 58 Q5_1 2 Q5_K 1 Q8_0 1",
        "Q3_K_L, 95747328, IQ4_NL 120 Q5_1 60 Q5_K 30 Q8_0 1",
        "Q4_K_S, 100253952, Q4_K 27 Q5_0 176 Q5_1 4 Q5_K 3 Q8_0 1",
        "Q4_K_M, 103668480, Q4_K 16 Q5_0 166 Q6_K 14 Q8_0 15",
        "Q5_K_M, 110317824, Q5_1 166 Q5_K 16 Q6_K 14 Q8_0 15",
        "Q6_K, 136597248, Q6_K 30 Q8_0 181",
        "IQ4_XS, 89526528, IQ4_NL 180 IQ4_XS 27 Q5_K 3 Q8_0 1",
        "TQ1_0, 80610048, Q4_0 180 Q8_0 1 TQ1_0 30"
    })
    void rowsThatBlocksDoNotDivideFallBack(String mix, long bytes, String types) throws IOException {
        QuantizationPlan plan = plan(ReferenceData.require("smollm2-135m-instruct-q4_1.gguf"), mix);
        assertEquals(bytes, plan.byteCount());
        assertEquals(types, types(plan));
    }

    @Test
    void namesAreFoundInAnyCase() {
        assertEquals(Mix.Q4_K_M, Mix.of("q4_k_m"));
        String message = assertThrows(IllegalArgumentException.class, () -> Mix.of("Q4_K_XL"))
                .getMessage();
        assertTrue(message.startsWith("no mix is named Q4_K_XL; there are Q4_0, "), message);
    }

    @Test
    void laterChoicesOverruleEarlierOnes() throws IOException {
        try (GgufFile model = GgufFile.open(MODEL)) {
            QuantizationPlan plan = Quantize.to(TensorType.Q4_0)
                    .embedding(TensorType.Q8_0)
                    .attention(TensorType.Q5_0)
                    .feedForward(TensorType.Q4_1)
                    .tensors("blk.?.attn_v*", TensorType.Q5_1)
                    .tensors("blk.7.*", TensorType.Q8_0)
                    .plan(model);
            Map<String, TensorType> types = plan.entries().stream()
                    .collect(Collectors.toMap(entry -> entry.tensor().name(), QuantizationPlan.Entry::type));
            assertEquals(TensorType.Q8_0, types.get("token_embd.weight"));
            assertEquals(TensorType.Q5_0, types.get("blk.0.attn_q.weight"));
            assertEquals(TensorType.Q5_1, types.get("blk.6.attn_v.weight"));
            assertEquals(TensorType.Q4_1, types.get("blk.6.ffn_down.weight"));
            assertEquals(TensorType.Q8_0, types.get("blk.7.attn_v.weight"));
        }
    }

    @Test
    void theHeadKeepsMoreBitsUnlessToldOtherwise() throws IOException {
        try (GgufFile model = GgufFile.open(DRAFT)) {
            assertEquals("Q4_0 21 Q8_0 1", types(Quantize.to(TensorType.Q4_0).plan(model)));
            assertEquals(
                    "Q4_0 22",
                    types(Quantize.to(TensorType.Q4_0).head(TensorType.Q4_0).plan(model)));
            assertEquals("BF16 22", types(Quantize.to(TensorType.BF16).plan(model)));
            List<String> notes = Quantize.to(TensorType.Q4_0).plan(model).entries().stream()
                    .map(QuantizationPlan.Entry::note)
                    .filter(note -> !note.isEmpty())
                    .toList();
            assertEquals(List.of("Q8_0 instead of Q6_K: rows of 128 are no whole blocks of 256"), notes);
        }
    }

    @Test
    void whatMeansNoTensorIsAnError() throws IOException {
        try (GgufFile model = GgufFile.open(DRAFT)) {
            Quantize wrong = Quantize.to(TensorType.Q4_0).tensors("blk.9.*", TensorType.Q8_0);
            String message = assertThrows(IllegalArgumentException.class, () -> wrong.plan(model))
                    .getMessage();
            assertTrue(message.startsWith("no matrix of the model is meant by blk.9.*"), message);
        }
    }

    @Test
    void typesThatAreOnlyReadAreRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> Quantize.to(TensorType.IQ2_XS))
                .getMessage();
        assertTrue(message.startsWith("nothing can be quantized to IQ2_XS; choose one of [F32, F16, Q4_0"), message);
        assertThrows(IllegalArgumentException.class, () -> Quantize.to(TensorType.I32));
    }

    private static QuantizationPlan plan(Path file, String mix) throws IOException {
        try (GgufFile model = GgufFile.open(file)) {
            return Quantize.mix(mix).plan(model);
        }
    }

    private static String types(QuantizationPlan plan) {
        Map<String, Long> counts = plan.entries().stream()
                .collect(Collectors.groupingBy(entry -> entry.type().name(), TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .map(count -> count.getKey() + " " + count.getValue())
                .collect(Collectors.joining(" "));
    }
}
