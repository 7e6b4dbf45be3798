package dev.lathe;

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
}
