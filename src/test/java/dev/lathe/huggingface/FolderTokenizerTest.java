package dev.lathe.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Model;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.GgufWriter;
import dev.lathe.gguf.Metadata;
import dev.lathe.huggingface.tokenizer.TokenizerJson;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders whose tokenizers cut texts in ways that GGUF files have no name for. */
class FolderTokenizerTest {
    private static final String TEXT = "the theory";

    @TempDir
    private Path folder;

    private Path vowelsApart() throws IOException {
        TinyFolder tiny = new TinyFolder();
        Map<String, Object> split = Map.of(
                "type",
                "Split",
                "pattern",
                Map.of("Regex", "[aeiou]+|[^aeiou]+"),
                "behavior",
                "Isolated",
                "invert",
                false);
        Map<String, Object> bytes = Map.of("type", "ByteLevel", "add_prefix_space", false, "use_regex", false);
        tiny.tokenizer.put("pre_tokenizer", Map.of("type", "Sequence", "pretokenizers", List.of(split, bytes)));
        tiny.write(folder);
        return folder;
    }

    @Test
    void suchAFolderIsReadAndSoIsAFileMadeOfIt() throws IOException {
        Path file = folder.resolve("model.gguf");
        int[] tokens;
        try (Model model = Model.load(vowelsApart())) {
            tokens = model.tokenizer().encode(TEXT);
            // "th" is merged, and no longer with the vowel behind it, which would be 258
            assertArrayEquals(new int[] {257, 'e' + 1, ' ' + 1, 257, 'e' + 1, 'o' + 1, 'r' + 1, 'y' + 1}, tokens);
            assertEquals(TEXT, model.tokenizer().decode(tokens));
        }
        try (ModelFolder source = ModelFolder.open(folder)) {
            GgufWriter.to(file).copyOf(source).write();
        }
        try (Model model = Model.load(file);
                GgufFile opened = GgufFile.open(file)) {
            assertArrayEquals(tokens, model.tokenizer().encode(TEXT));
            assertTrue(model.tokenizer().isEndOfGeneration(0));
            assertEquals("huggingface", opened.metadata().string("tokenizer.ggml.pre"));
        }
    }

    @Test
    void aTextThatIsNoTokenizerIsRefused() {
        for (String text : List.of("", "[]", "{}", "{\"model\": {\"type\": \"BPE\"}}")) {
            Metadata forged = Metadata.builder()
                    .string("tokenizer.ggml.pre", TokenizerJson.PRE_TOKENIZER)
                    .string(TokenizerJson.METADATA_KEY, text)
                    .build();
            Exception refused = assertThrows(IllegalArgumentException.class, () -> Tokenizer.from(forged));
            assertTrue(refused.getMessage().startsWith("tokenizer.huggingface.json: "), refused.getMessage());
        }
    }
}
