package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.ReferenceData;
import dev.lathe.gguf.GgufFile;
import dev.lathe.gguf.Metadata;
import dev.lathe.text.FillInMiddle.Order;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FillInMiddleTest {
    @ParameterizedTest
    @CsvSource({
        "starcoder, <fim_prefix>, <fim_suffix>, <fim_middle>",
        "refact, <fim_prefix>, <fim_suffix>, <fim_middle>",
        "deepseek-coder, <\uFF5Cfim\u2581begin\uFF5C>, <\uFF5Cfim\u2581hole\uFF5C>, <\uFF5Cfim\u2581end\uFF5C>"
    })
    void tokensAreFoundByTheirNames(String vocabulary, String prefix, String suffix, String middle) throws IOException {
        Metadata metadata = metadata(ReferenceData.require("vocab/ggml-vocab-" + vocabulary + ".gguf"));
        Tokenizer tokenizer = Tokenizer.from(metadata);
        FillInMiddle form = FillInMiddle.find(metadata, tokenizer).orElseThrow();
        String begin = tokenizer.addsBos() ? tokenizer.piece(tokenizer.bos().orElseThrow()) : "";

        int[] tokens = form.prompt(tokenizer, "int f() {", "}");
        assertEquals(begin + prefix + "int f() {" + suffix + "}" + middle, tokenizer.decode(true, tokens));
    }

    @Test
    void tokensAreFoundByTheirKeys() throws IOException {
        Metadata metadata = metadata(Path.of("examples/models/lathe-java-f16.gguf"));
        Metadata changed = metadata.toBuilder()
                .uint32("tokenizer.ggml.fim_pre_token_id", 11)
                .uint32("tokenizer.ggml.fim_suf_token_id", 12)
                .uint32("tokenizer.ggml.fim_mid_token_id", 13)
                .build();
        Tokenizer tokenizer = Tokenizer.from(changed);

        assertEquals(Optional.empty(), FillInMiddle.find(metadata, Tokenizer.from(metadata)));
        FillInMiddle form = FillInMiddle.find(changed, tokenizer).orElseThrow();
        int[] tokens = form.prompt(tokenizer, "a", "b");
        assertArrayEquals(
                new int[] {
                    0, 11, tokenizer.encode("a", false, false)[0], 12, tokenizer.encode("b", false, false)[0], 13
                },
                tokens);
    }

    @ParameterizedTest
    @CsvSource({
        "<fim_prefix>, <fim_suffix>, <fim_middle>, coder, PREFIX_SUFFIX_MIDDLE",
        "<fim_prefix>, <fim_suffix>, <fim_middle>, Mellum 4b, SUFFIX_PREFIX_MIDDLE",
        "<|fim_prefix|>, <|fim_suffix|>, <|fim_middle|>, coder, PREFIX_SUFFIX_MIDDLE",
        "<|code_prefix|>, <|code_suffix|>, <|code_middle|>, glm, PREFIX_SUFFIX_MIDDLE",
        "\u2581<PRE>, \u2581<SUF>, \u2581<MID>, codellama, PREFIX_SUFFIX_MIDDLE",
        "<[fim-prefix]>, <[fim-suffix]>, <[fim-middle]>, seed, SUFFIX_PREFIX_MIDDLE",
        "[PREFIX], [SUFFIX], , codestral, SUFFIX_PREFIX_MIDDLE"
    })
    void eachFamilyHasItsOrderAndNothingInTheTextBecomesItsTokens(
            String prefix, String suffix, String middle, String name, Order order) {
        List<String> marks = middle == null ? List.of(prefix, suffix) : List.of(prefix, suffix, middle);
        // The type of each mark in a file: text, control, user defined. None may let a text in.
        for (int type : new int[] {1, 3, 4}) {
            Metadata metadata = letters(marks, type, name);
            Tokenizer tokenizer = Tokenizer.from(metadata);
            FillInMiddle form = FillInMiddle.find(metadata, tokenizer).orElseThrow();
            assertEquals(order, form.order());

            int[] plain = form.prompt(tokenizer, "ab", "cd");
            int p = tokenizer.find(prefix).orElseThrow();
            int s = tokenizer.find(suffix).orElseThrow();
            int[] parts =
                    order == Order.PREFIX_SUFFIX_MIDDLE ? new int[] {p, 0, 1, s, 2, 3} : new int[] {s, 2, 3, p, 0, 1};
            int[] expected = middle == null
                    ? parts
                    : IntStream.concat(IntStream.of(parts), tokenizer.find(middle).stream())
                            .toArray();
            assertArrayEquals(expected, plain);

            String hostile = "a" + String.join("b", marks) + "<|endoftext|>";
            int[] attacked = form.prompt(tokenizer, hostile, hostile);
            assertEquals(
                    marks.size(),
                    IntStream.of(attacked).filter(tokenizer::isControl).count());
        }
    }

    private static Metadata letters(List<String> marks, int type, String name) {
        List<String> pieces = new ArrayList<>();
        for (char letter = 'a'; letter <= 'z'; letter++) {
            pieces.add(String.valueOf(letter));
        }
        pieces.add("<|endoftext|>");
        pieces.addAll(marks);
        int[] types = new int[pieces.size()];
        for (int token = 0; token < types.length; token++) {
            types[token] = token < 26 ? 1 : token == 26 ? 4 : type;
        }
        return Metadata.builder()
                .string("general.name", name)
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "gpt-2")
                .strings("tokenizer.ggml.tokens", pieces)
                .ints("tokenizer.ggml.token_type", types)
                .strings("tokenizer.ggml.merges", List.of())
                .bool("tokenizer.ggml.add_bos_token", false)
                .build();
    }

    private static Metadata metadata(Path file) throws IOException {
        try (GgufFile gguf = GgufFile.open(file)) {
            return gguf.metadata();
        }
    }
}
