package dev.lathe.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.tensor.TensorType;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompressionReportTest {
    private static final CompressionReport REPORT = new CompressionReport(List.of(
            new StepReport("slice", 4000, 2000, 16000, 8000, 1.25, List.of(), List.of()),
            new StepReport(
                    "quantize to Q8_0",
                    2000,
                    2000,
                    8000,
                    2200,
                    0.5,
                    List.of(
                            tensor("token_embd.weight", TensorType.Q8_0, 0.25),
                            tensor("blk.0.ffn_up.weight", TensorType.Q8_0, 0.3),
                            tensor("blk.1.ffn_up.weight", TensorType.F16, 0.4)),
                    List.of("says \"so\""))));

    private static TensorReport tensor(String name, TensorType type, double error) {
        return new TensorReport(name, type, List.of(32L, 2L), 68, error, "");
    }

    @Test
    void tensorsOfAllLayersAreOneLineOfTheTable() {
        assertEquals("""
                step              parameters  bytes  bits/weight  seconds
                slice                  2,000  8,000       32.000      1.3
                quantize to Q8_0       2,000  2,200        8.800      0.5

                tensors              count  types     bytes  relative error
                token_embd.weight        1  Q8_0         68         0.25000
                blk.*.ffn_up.weight      2  F16 Q8_0    136         0.35355
                quantize to Q8_0: says "so"
                """, REPORT.toText());
        assertEquals(REPORT.toText(), REPORT.toString());
    }

    @Test
    void jsonHasEveryTensor() {
        CompressionReport report = new CompressionReport(List.of(new StepReport(
                "a\\b",
                1,
                1,
                4,
                4,
                0.5,
                List.of(tensor("output.weight", TensorType.F16, Double.NaN)),
                List.of("tab\t"))));
        assertEquals(
                "{\"bytesBefore\": 4, \"bytes\": 4, \"parameters\": 1, \"bitsPerWeight\": 32.0, \"steps\": [{\"step\": "
                        + "\"a\\\\b\", \"parametersBefore\": 1, \"parametersAfter\": 1, \"bytesBefore\": 4, \"bytesAfter\": 4, "
                        + "\"seconds\": 0.5, \"tensors\": [{\"name\": \"output.weight\", \"type\": \"F16\", \"dimensions\": "
                        + "[32, 2], \"byteCount\": 68, \"relativeError\": null, \"note\": \"\"}], \"notes\": [\"tab\\t\"]}]}",
                report.toJson());
    }
}
