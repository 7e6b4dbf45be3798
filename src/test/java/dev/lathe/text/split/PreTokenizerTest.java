package dev.lathe.text.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Expected pieces were checked with two other implementations of each pattern. */
class PreTokenizerTest {
    /** Those that llama.cpp names (src/llama-vocab.cpp of llama-cpp-python 0.3.36's). */
    private static final String OF_LLAMA_CPP = """
            a.x-4.0 afmoe bailingmoe bailingmoe2 bloom chameleon chatglm-bpe codeshell cohere2moe command-r dbrx
            deepseek-coder deepseek-llm deepseek-r1-qwen deepseek-v3 default exaone exaone-moe exaone4 f2llmv2 falcon
            falcon-h1 falcon3 gemma4 gigachat glm4 glm5 gpt-2 gpt-4o gpt3-finnish granite-docling
            granite-embed-multi-311m granite-embed-multi-97m grok-2 hunyuan hunyuan-dense hy_v4 jais jais-2 jina-de
            jina-es jina-v1-en jina-v2-code jina-v2-de jina-v2-es jina-v5-nano joyai-llm kanana2 kimi-k2 kormo laguna
            lfm2 llada-moe llama-bpe llama-v3 llama3 llama4 megrez mellum mellum2 midm-2.0 minerva-7b minicpm5
            minimax-m2 modern-bert mpt olmo phi-2 pixtral poro-chat qwen2 qwen35 refact roberta-bpe sarvam-moe
            seed-coder smaug-bpe smollm solar-open spark2_5 stablelm2 starcoder superbpe talkie tekken tiny_aya
            trillion ufakzeka viking whitespace youtu
            """;

    @Test
    void everyNameOfLlamaCppIsKnown() {
        for (String name : OF_LLAMA_CPP.split("\\s+")) {
            PreTokenizer.named(name);
        }
    }

    @Test
    void gpt2SplitsWordsNumbersAndSymbolsEachWithOneSpace() {
        check(PreTokenizer.GPT_2, "I| don|'t| know| 1234|,| it|'|S| é|½|x", "I don't know 1234, it'S é½x");
    }

    @Test
    void gpt2LeavesTheLastSpaceToTheWord() {
        check(PreTokenizer.GPT_2, "a|  | b|\n\n|\t|c| \t ", "a   b\n\n\tc \t ");
    }

    @Test
    void gpt2KnowsWhitespaceBeyondAscii() {
        check(PreTokenizer.GPT_2, "a|\u3000\u3000|\u3000|b|\u0085|c|\u200b|d", "a\u3000\u3000\u3000b\u0085c\u200bd");
    }

    @Test
    void smollmSplitsEachDigitOfAnyScript() {
        check(PreTokenizer.GPT_2_DIGITS, "x|1|2| |3|٤|½| y", "x12 3٤½ y");
    }

    @Test
    void llama3GroupsThreeDigitsAndKeepsNewlinesWithSymbols() {
        check(PreTokenizer.LLAMA_3, "x|123|456|7| ={\n\n|  |\tint| y|'LL| go|'ſ", "x1234567 ={\n\n  \tint y'LL go'ſ");
    }

    @Test
    void qwen2TakesOneCharacterBeforeLetters() {
        check(
                PreTokenizer.QWEN_2,
                "1|2|$a|.length|()\n|  \r\n|  | b| \n|\u3000你好|，世界",
                "12$a.length()\n  \r\n   b \n\u3000你好，世界");
    }

    @Test
    void marksAndSurrogatePairsAreSymbols() {
        check(PreTokenizer.QWEN_2, "e|\u0301| 🦙🚀|𝒳x", "e\u0301 🦙🚀𝒳x");
    }

    @Test
    void defaultSplitsPunctuationFirstAndThreeDigits() {
        check(PreTokenizer.DEFAULT, "a|<=|b| |+|123|45|`|'|s", "a<=b +12345`'s");
    }

    @Test
    void falconSplitsPunctuationFirstAndThreeDigits() {
        check(PreTokenizer.FALCON, "a|<=|b| |+`|123|45| x", "a<=b +`12345 x");
        check(PreTokenizer.FALCON, "a| 12| |345|6", "a 12 3456");
    }

    @Test
    void deepSeekSplitsByScript() {
        check(PreTokenizer.DEEPSEEK_LLM, "\n|\n| Hello|,| Ж|你好한|123| (|١٢|)|  ", "\n\n Hello, Ж你好한123 (١٢)  ");
        check(PreTokenizer.DEEPSEEK_CODER, "\r|\n| Hello|,| Ж|你好|1|2|3| (", "\r\n Hello, Ж你好123 (");
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        String message = assertThrows(IllegalArgumentException.class, () -> PreTokenizer.named("morse"))
                .getMessage();
        assertTrue(message.startsWith("tokenizer.ggml.pre is \"morse\""), message);
        for (String name : List.of("default", "gpt-2", "llama-bpe", "qwen2", "smollm", "deepseek-llm", "command-r")) {
            assertTrue(message.contains(name), message);
        }
    }

    @Property
    void piecesMakeUpTheText(@ForAll PreTokenizer preTokenizer, @ForAll String text) {
        assertEquals(text, String.join("", split(preTokenizer, text)));
    }

    private static void check(PreTokenizer preTokenizer, String expected, String text) {
        assertEquals(expected, String.join("|", split(preTokenizer, text)));
    }

    static List<String> split(PreTokenizer preTokenizer, String text) {
        IntList ends = Splitter.split(new ScannedText(text), preTokenizer.steps());
        List<String> pieces = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < ends.size(); i++) {
            int to = text.offsetByCodePoints(0, ends.get(i));
            assertTrue(to > from, "an empty piece");
            pieces.add(text.substring(from, to));
            from = to;
        }
        return pieces;
    }
}
