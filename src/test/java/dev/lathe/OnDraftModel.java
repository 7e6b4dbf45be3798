package dev.lathe;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A test of sessions of the smaller one of the project's own models. */
abstract class OnDraftModel {
    static final Path FILE = Path.of("examples/models/lathe-java-draft-f16.gguf");
    static Model model;

    @BeforeAll
    static void load() throws IOException {
        model = Model.load(FILE);
    }

    @AfterAll
    static void close() {
        model.close();
    }
}
