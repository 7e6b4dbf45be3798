package dev.lathe.server;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import java.io.IOException;
import java.nio.file.Path;

/** The model in the repository, and a template for it, which it lacks. */
final class TestModel {
    static final String TEMPLATE = "{% for m in messages %}// {{ m.role }}: {{ m.content }}\n{% endfor %}";

    private TestModel() {}

    static Model load() throws IOException {
        return Model.load(Path.of("../../examples/models/lathe-java-f16.gguf"), new LoadOptions(1));
    }
}
