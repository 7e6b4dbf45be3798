package dev.lathe.lab.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.ReferenceData;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FillInMiddleTest {
    @Test
    void tokensAreFoundByTheirNames() throws IOException {
        Metadata metadata = metadata(ReferenceData.require("vocab/ggml-vocab-starcoder.gguf"));
        Tokenizer tokenizer = Tokenizer.from(metadata);
        FillInMiddle form = FillInMiddle.find(metadata, tokenizer).orElseThrow();

        assertEquals("<fim_prefix>", tokenizer.piece(form.prefix()));
        assertEquals("<fim_suffix>", tokenizer.piece(form.suffix()));
        assertEquals("<fim_middle>", tokenizer.piece(form.middle()));
        int[] tokens = form.tokens(tokenizer, "int f() {", "}");
        assertEquals("<fim_prefix>int f() {<fim_suffix>}<fim_middle>", tokenizer.decode(true, tokens));
    }

    @Test
    void tokensAreFoundByTheirKeys() throws IOException {
        Metadata metadata = metadata(Path.of("examples/models/lathe-java-f16.gguf"));
        Tokenizer tokenizer = Tokenizer.from(metadata);
        Metadata changed = metadata.toBuilder()
                .uint32("tokenizer.ggml.fim_pre_token_id", 11)
                .uint32("tokenizer.ggml.fim_suf_token_id", 12)
                .uint32("tokenizer.ggml.fim_mid_token_id", 13)
                .build();

        assertEquals(Optional.empty(), FillInMiddle.find(metadata, tokenizer));
        FillInMiddle form = FillInMiddle.find(changed, tokenizer).orElseThrow();
        int[] tokens = form.tokens(tokenizer, "a", "b");
        assertArrayEquals(
                new int[] {
                    0, 11, tokenizer.encode("a", false, false)[0], 12, tokenizer.encode("b", false, false)[0], 13
                },
                tokens);
    }

    private static Metadata metadata(Path file) throws IOException {
        try (GgufFile gguf = GgufFile.open(file)) {
            return gguf.metadata();
        }
    }
}
