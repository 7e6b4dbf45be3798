package dev.lathe.server;

import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.OpenTensorSource;
import java.io.IOException;
import java.nio.file.Path;

/** The model in the repository with what it lacks: a chat template, and a way to make vectors. */
final class TestModel {
    private static final String TEMPLATE = "{% for m in messages %}// {{ m.role }}: {{ m.content }}\n{% endfor %}";

    private TestModel() {}

    static Model load() throws IOException {
        try (OpenTensorSource file = Model.open(Path.of("../../examples/models/lathe-java-f16.gguf"))) {
            ModelEdit edit = new ModelEdit(file);
            edit.setMetadata(file.metadata().toBuilder()
                    .string("tokenizer.chat_template", TEMPLATE)
                    .uint32("llama.pooling_type", 1)
                    .build());
            return Model.load(edit, new LoadOptions(1));
        }
    }
}
