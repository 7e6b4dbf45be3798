package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real models and other engines' outputs, kept beside the project: tests that need them skip where they are absent. */
public final class ReferenceData {
    private static final Path ROOT = Path.of(System.getProperty("lathe.reference", "../shared/models"));

    private ReferenceData() {}

    /** The file, or a skipped test that names it. */
    public static Path require(String name) {
        Path file = ROOT.resolve(name);
        Assumptions.assumeTrue(
                Files.exists(file),
                () -> "skipped: " + file.toAbsolutePath().normalize()
                        + " is absent; -Dlathe.reference=DIR names the folder of reference models");
        return file;
    }

    /** That no logit differs by more than a share of the largest one. */
    public static void assertClose(float[] expected, float[] found, double tolerance) {
        assertEquals(expected.length, found.length);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            assertTrue(Float.isFinite(found[i]), "logit " + i + " is not finite");
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) expected[i] - found[i]));
        }
        assertTrue(difference <= tolerance * largest, "largest difference " + difference + " of " + largest);
    }
}
