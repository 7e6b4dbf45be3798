package dev.lathe.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What llama-bench prints is read as it is meant. */
class BenchResultTest {
    private static final String LINE =
            "{\"model_filename\": \"m.gguf\", \"n_threads\": 2, \"n_prompt\": 0, \"n_gen\": 32,"
                    + " \"n_depth\": 16384, \"avg_ts\": 9.0, \"samples_ts\": [ 8.5, 9.5, 10.5 ]}";

    @Test
    void aLineOfLlamaBenchIsRead() {
        BenchResult result = BenchResult.parseLlamaBench(LINE, "m", "Q4_0");
        assertEquals(new BenchResult("m", "Q4_0", "tg32 @ d16384", 2, 9.5, 1, 0, "llama.cpp"), result);
        assertEquals(result, BenchResult.parse(result.line()));
        String prompt = LINE.replace("\"n_prompt\": 0", "\"n_prompt\": 512").replace("16384", "0");
        assertEquals("pp512", BenchResult.parseLlamaBench(prompt, "m", "Q4_0").test());
    }

    @Test
    void aLineWithoutTheNumbersIsRefused() {
        Exception refused = assertThrows(
                Program.FailureException.class,
                () -> BenchResult.parseLlamaBench(LINE.replace("n_depth", "depth"), "m", "Q4_0"));
        assertTrue(refused.getMessage().contains("no n_depth"), refused.getMessage());
    }
}
