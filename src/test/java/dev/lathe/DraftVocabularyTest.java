package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.ModelEdit;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.Metadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A draft of the right size whose tokens mean something else would slow every text down and never say why. */
class DraftVocabularyTest {
    private static final Path MODEL = Path.of("examples/models/lathe-java-f16.gguf");
    private static final Path DRAFT = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final String PIECES = "tokenizer.ggml.tokens";

    @Test
    void aDraftWithOtherPiecesIsRefusedBeforeAnythingIsEvaluated() throws IOException {
        assertRefused(metadata -> {
            List<String> pieces = new ArrayList<>(metadata.strings(PIECES));
            Collections.swap(pieces, 400, 401);
            return metadata.toBuilder().strings(PIECES, pieces).build();
        });
    }

    @Test
    void aDraftThatEndsTextsByAnotherTokenIsRefused() throws IOException {
        assertRefused(metadata ->
                metadata.toBuilder().uint32("tokenizer.ggml.eos_token_id", 7).build());
    }

    @Test
    void theDraftAsItIsServes() throws IOException {
        try (GgufFile file = GgufFile.open(DRAFT);
                Model model = Model.load(MODEL);
                Model draft = Model.load(new ModelEdit(file), LoadOptions.DEFAULT.threadsOf(model));
                Session session = model.newSession()) {
            assertEquals(
                    4,
                    session.generate("int sum = ")
                            .sampler(Sampler.greedy())
                            .decoding(Decoding.speculative(Draft.model(draft)))
                            .maxTokens(4)
                            .run()
                            .tokens()
                            .size());
        }
    }

    private static void assertRefused(UnaryOperator<Metadata> change) throws IOException {
        try (GgufFile file = GgufFile.open(DRAFT)) {
            ModelEdit edit = new ModelEdit(file);
            edit.setMetadata(change.apply(edit.metadata()));
            try (Model model = Model.load(MODEL);
                    Model draft = Model.load(edit, LoadOptions.DEFAULT.threadsOf(model));
                    Session session = model.newSession()) {
                String message = assertThrows(
                                IllegalArgumentException.class,
                                () -> session.generate("int sum = ")
                                        .decoding(Decoding.speculative(Draft.model(draft)))
                                        .run())
                        .getMessage();
                assertTrue(message.contains("but not the same ones"), message);
                assertEquals(0, session.tokens().length);
            }
        }
    }
}
