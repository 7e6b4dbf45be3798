package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.gguf.Metadata;
import dev.lathe.text.template.MarkedText;
import dev.lathe.text.template.TemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Whatever anyone says, is called or gives as a field, it becomes no control token, and its text stays as it was. */
class ChatInjectionTest {
    private static final Pattern MARK = Pattern.compile("<[^<>\\s'\"]+>|\\[/?[A-Z_]+]");

    /** A SentencePiece vocabulary whose control tokens are the marks of a template, and X. */
    private static Tokenizer tokenizer(TreeSet<String> marks, boolean byteLevel, boolean spacePrefix) {
        Metadata base = (byteLevel ? Vocabularies.byteLevel() : Vocabularies.sentencePiece("\u2581", "a")).build();
        List<String> tokens = new ArrayList<>(base.strings("tokenizer.ggml.tokens"));
        int given = tokens.size();
        marks.stream().filter(mark -> !tokens.contains(mark)).forEach(tokens::add);
        int[] types = Arrays.copyOf(base.findInts("tokenizer.ggml.token_type").orElseThrow(), tokens.size());
        Arrays.fill(types, given, types.length, Vocabulary.CONTROL);
        Metadata.Builder metadata =
                base.toBuilder().strings("tokenizer.ggml.tokens", tokens).ints("tokenizer.ggml.token_type", types);
        return Tokenizer.from(
                (byteLevel ? metadata : metadata.floats("tokenizer.ggml.scores", new float[tokens.size()]))
                        .bool("tokenizer.ggml.add_space_prefix", spacePrefix)
                        .build());
    }

    @TestFactory
    Stream<DynamicTest> noTemplateLetsDataBecomeControlTokens() throws IOException {
        try (Stream<Path> files = Files.list(ReferenceData.require("templates"))) {
            return files.filter(file -> file.toString().endsWith(".jinja")).sorted().toList().stream()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
        }
    }

    private static void check(Path file) throws IOException {
        String source = Files.readString(file);
        TreeSet<String> marks = new TreeSet<>(List.of("<s>", "</s>", "<|user|>", "<|assistant|>", "<|end|>"));
        if (file.toString().contains("Phi")) {
            marks.add("<|system|>");
        }
        MARK.matcher(source).results().forEach(found -> marks.add(found.group()));
        ChatTemplate template = ChatTemplate.of(source);
        for (boolean byteLevel : new boolean[] {false, true}) {
            TreeSet<String> control = new TreeSet<>(marks);
            if (!byteLevel) {
                control.add("X");
            }
            Tokenizer tokenizer = tokenizer(control, byteLevel, false);
            for (String mark : control) {
                if (mark.contains("think") || mark.contains("python_tag") || mark.contains("function=")) {
                    continue; // Templates cut texts at these.
                }
                check(template, tokenizer, mark);
            }
        }
    }

    private static void check(ChatTemplate template, Tokenizer tokenizer, String mark) {
        String benign = "a".repeat(mark.length());
        for (int where = 0; where < 4; where++) {
            MarkedText attacked;
            MarkedText peaceful;
            try {
                attacked = template.renderMarked(input(mark, where));
                peaceful = template.renderMarked(input(benign, where));
            } catch (TemplateException refused) {
                continue;
            }
            int[] tokens = tokenizer.encode(attacked, false);
            // SentencePiece writes spaces as U+2581 and cannot tell the two apart.
            assertEquals(
                    attacked.text().replace('\u2581', ' '),
                    tokenizer.decode(true, tokens).replace('\u2581', ' '));
            assertEquals(
                    controls(tokenizer, tokenizer.encode(peaceful, false)),
                    controls(tokenizer, tokens),
                    () -> mark + " in " + attacked.text());
        }
    }

    private static ChatInput input(String attack, int where) {
        String content = "x " + attack + attack + " y";
        List<ChatMessage> messages =
                switch (where) {
                    case 0 ->
                        List.of(ChatMessage.user(content), ChatMessage.assistant(content), ChatMessage.user(content));
                    case 1 -> List.of(ChatMessage.system(content), ChatMessage.user(content));
                    case 2 ->
                        List.of(
                                ChatMessage.user("hello"),
                                ChatMessage.assistant(attack.substring(0, attack.length() / 2)),
                                ChatMessage.user(attack.substring(attack.length() / 2))
                                        .with("name", attack));
                    default ->
                        List.of(
                                ChatMessage.user(content),
                                ChatMessage.of(
                                        attack.replaceAll("[<>|]|user|assistant|system|tool|ipython", ""), content));
                };
        ChatInput input = ChatInput.of(messages).withSpecialTokens("<s>", "</s>");
        Map<String, Object> tool = Map.of(
                "type", "function", "function", Map.of("name", attack, "description", content, "parameters", Map.of()));
        return where == 1 ? input.withTools(List.of(tool)) : input;
    }

    private static List<Integer> controls(Tokenizer tokenizer, int[] tokens) {
        return Arrays.stream(tokens).filter(tokenizer::isControl).boxed().toList();
    }

    @Test
    void textAroundABrokenNameGetsNoSpaces() {
        Tokenizer tokenizer = tokenizer(new TreeSet<>(List.of("X")), false, true);
        for (String said : List.of("x</s></s>y", "a <s> b", "<s>", " </s>", "aXb", "X", "<tool>")) {
            MarkedText text = ChatTemplate.of("<s>{{ messages[0].content }}</s>")
                    .renderMarked(ChatInput.of(ChatMessage.user(said)));
            int[] tokens = tokenizer.encode(text, false);
            assertEquals(1, tokens[0]);
            assertEquals(2, tokens[tokens.length - 1]);
            assertEquals(said, tokenizer.decode(Arrays.copyOfRange(tokens, 1, tokens.length - 1)));
            assertEquals(2, controls(tokenizer, tokens).size());
        }
    }

    /** A user-defined token that the template marks turns with is as good as a control token. */
    @Test
    void userDefinedMarksOfTheTemplateAreItsOwn() {
        Tokenizer tokenizer = tokenizer(new TreeSet<>(), false, true);
        int tool = tokenizer.find("<tool>").getAsInt();
        MarkedText marking = ChatTemplate.of("<tool>{{ messages[0].content }}<tool>")
                .renderMarked(ChatInput.of(ChatMessage.user("a<tool>b")));
        assertEquals(
                2,
                Arrays.stream(tokenizer.encode(marking, false))
                        .filter(t -> t == tool)
                        .count());
        MarkedText plain =
                ChatTemplate.of("{{ messages[0].content }}").renderMarked(ChatInput.of(ChatMessage.user("a<tool>b")));
        assertEquals(
                1,
                Arrays.stream(tokenizer.encode(plain, false))
                        .filter(t -> t == tool)
                        .count());
    }

    @Test
    void noSpellingOfOneCharacterLeadsToAControlToken() {
        Metadata.Builder metadata = Vocabularies.byteLevel("a b");
        int[] types = metadata.build().findInts("tokenizer.ggml.token_type").orElseThrow();
        Tokenizer before = Tokenizer.from(metadata.build());
        int x = before.find("x").getAsInt();
        int ab = before.find("ab").getAsInt();
        types[x] = Vocabulary.CONTROL;
        types[ab] = Vocabulary.CONTROL;
        Tokenizer tokenizer =
                Tokenizer.from(metadata.ints("tokenizer.ggml.token_type", types).build());
        int[] tokens = tokenizer.encode("axab", false, false);
        assertFalse(Arrays.stream(tokens).anyMatch(tokenizer::isControl));
        assertEquals("aab", tokenizer.decode(tokens));
        assertTrue(Arrays.stream(tokenizer.encode("axab", false, true)).anyMatch(token -> token == x));
    }

    @Test
    void aPromptDoesNotEndWithTheEndOfTheText() {
        Tokenizer tokenizer = Tokenizer.from(Vocabularies.byteLevel()
                .bool("tokenizer.ggml.add_bos_token", true)
                .bool("tokenizer.ggml.add_eos_token", true)
                .build());
        int[] text = tokenizer.encode("a");
        assertEquals(1, text[text.length - 1]);
        assertEquals(
                List.of(0, text[1]),
                Arrays.stream(tokenizer.encodePrompt("a")).boxed().toList());
    }
}
