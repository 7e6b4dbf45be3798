package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Loading says where its time went, and fails as what was done meanwhile failed. */
class LoadReportTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-draft-f16.gguf");

    @Test
    void stagesTakeTimeWithinTheTotal() throws IOException {
        try (Model model = Model.load(MODEL)) {
            LoadReport report = model.loadReport();
            for (Duration stage : new Duration[] {report.file(), report.tokenizer(), report.weights()}) {
                assertTrue(stage.isPositive(), report.toString());
                assertTrue(stage.compareTo(report.total()) <= 0, report.toString());
            }
            assertTrue(report.weightBytes() > 2_000_000, report.toString());
        }
    }

    @Test
    void whatIsDoneMeanwhileFailsWhereItIsAwaited() {
        Meanwhile<String> failing = Meanwhile.start("test", () -> {
            throw new IllegalArgumentException("a tokenizer that is not supported");
        });
        assertEquals(
                "a tokenizer that is not supported",
                assertThrows(IllegalArgumentException.class, failing::await).getMessage());
    }

    @Test
    void anInterruptDoesNotEndTheWaitAndStays() {
        Thread.currentThread().interrupt();
        assertEquals("done", Meanwhile.start("test", () -> "done").await());
        assertTrue(Thread.interrupted());
    }
}
