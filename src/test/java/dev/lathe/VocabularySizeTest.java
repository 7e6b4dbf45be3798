package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.gguf.TensorSource;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A vocabulary and an embedding of different sizes. */
class VocabularySizeTest {
    private static Model load(int tokens) throws IOException {
        try (GgufFile file = GgufFile.open(ReferenceData.require("stories260k.gguf"))) {
            Metadata given = file.metadata();
            List<String> pieces = new ArrayList<>(given.strings("tokenizer.ggml.tokens"));
            float[] scores = Arrays.copyOf(given.floats("tokenizer.ggml.scores"), tokens);
            int[] types =
                    Arrays.copyOf(given.findInts("tokenizer.ggml.token_type").orElseThrow(), tokens);
            for (int token = pieces.size(); token < tokens; token++) {
                pieces.add("more" + token);
            }
            Metadata metadata = given.toBuilder()
                    .strings("tokenizer.ggml.tokens", pieces.subList(0, tokens))
                    .floats("tokenizer.ggml.scores", scores)
                    .ints("tokenizer.ggml.token_type", types)
                    .build();
            TensorSource source = (TensorSource) Proxy.newProxyInstance(
                    TensorSource.class.getClassLoader(),
                    new Class<?>[] {TensorSource.class},
                    (proxy, method, arguments) ->
                            method.getName().equals("metadata") ? metadata : method.invoke(file, arguments));
            return Model.load(source, LoadOptions.DEFAULT);
        }
    }

    @Test
    void moreTokensThanRowsAreRefused() {
        GgufException refused = assertThrows(GgufException.class, () -> load(600));
        assertTrue(refused.getMessage().contains("512 rows"), refused.getMessage());
        assertTrue(refused.getMessage().contains("600 tokens"), refused.getMessage());
    }

    @Test
    void rowsWithoutATokenStandForNoText() throws IOException {
        try (Model model = load(400);
                Session session = model.newSession()) {
            assertEquals(512, model.tokenizer().vocabularySize());
            assertEquals("", model.tokenizer().decode(450, 511));
            assertEquals(
                    40,
                    session.generate(1, 450, 511).maxTokens(40).run().tokens().size());
        }
    }
}
