package dev.lathe.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.Grammar;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonValue;
import dev.lathe.text.template.TemplateException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ChatFormatTest {
    /**
     * Content, description, name of an argument, answer, result, name and value of an argument of a call, two halves;
     * title, alternative of a schema, system, name of a speaker, id of a call, variable of the template.
     */
    private static final int PLACES = 14;

    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("What is it?"));

    @TestFactory
    Stream<DynamicTest> whatATemplateWritesIsReadAgain() throws IOException {
        return TemplateModels.all().stream()
                .map(model -> DynamicTest.dynamicTest(model.name(), () -> roundTrips(model, 3)));
    }

    @TestFactory
    @Slow
    Stream<DynamicTest> whateverATemplateWritesIsReadAgain() throws IOException {
        return TemplateModels.all().stream()
                .map(model -> DynamicTest.dynamicTest(model.name(), () -> roundTrips(model, 40)));
    }

    private static void roundTrips(TemplateModels model, int trials) {
        ChatFormat format = ChatFormat.of(model.template(), model.tokenizer());
        Random random = new Random(7);
        for (int trial = 0; trial < trials; trial++) {
            int count = format.calls().several() ? 1 + random.nextInt(2) : 1;
            List<Tool> tools = new ArrayList<>();
            List<ToolCall> calls = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = "f" + i + "_"
                        + Long.toString(random.nextLong() >>> 1, 36).substring(0, 5);
                tools.add(new Tool(name, "does it", open()));
                calls.add(
                        new ToolCall(Ids.of(random.nextInt(), 9), name, (JsonObject) JsonValue.of(object(random, 3))));
            }
            String said = format.calls().joint() != null && random.nextBoolean() ? "Let me \u00e9\u4e16 see." : "";
            ChatOptions options = ChatOptions.DEFAULT.tools(tools).variable("datetime", "Thu, 1 Jan 1970 00:00:00 GMT");
            String body =
                    body(format, model, options, new Reply(said, "", calls).toMessage(), said.isEmpty() ? "f0_" : said);
            if (!body.endsWith(format.calls().end())) {
                body += format.calls().end(); // Some templates of DeepSeek leave it out behind a single call.
            }
            Reply read = Reply.of(format.expect(options, 0).read(tokens(model, body)));
            assertEquals(said, read.text(), body);
            assertEquals(names(calls), names(read.calls()), body);
            assertEquals(
                    calls.stream().map(ToolCall::arguments).toList(),
                    read.calls().stream().map(ToolCall::arguments).toList(),
                    body);
            Grammar allowed = (Grammar)
                    format.expect(options, 0).constraint(Optional.empty()).orElseThrow();
            assertTrue(allowed.accepts(Spelling.bytes(body)), "the constraint refuses " + body);
            ChatOptions required = options.choice(ToolChoice.required());
            Grammar calling = (Grammar)
                    format.expect(required, 0).constraint(Optional.empty()).orElseThrow();
            assertEquals(said.isEmpty(), calling.accepts(Spelling.bytes(body)), body);
            assertFalse(calling.accepts(Spelling.bytes("Hello")));
        }
        Reply plain = Reply.of(format.expect(ChatOptions.of(Probes.tool("f")), 0)
                .read(tokens(model, format.text().prefix() + "Just text: {}.")));
        assertEquals(new Reply("Just text: {}.", "", List.of()), plain);
    }

    private static List<String> names(List<ToolCall> calls) {
        return calls.stream().map(ToolCall::name).toList();
    }

    private static JsonObject open() {
        return (JsonObject) JsonValue.parse("{\"type\": \"object\", \"additionalProperties\": true}");
    }

    private static Map<String, Object> object(Random random, int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            object.put("k\u00fc" + i, value(random, depth - 1));
        }
        return object;
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> "text \u4e16\ud83d\ude42 </tool_call>\"]}\n\\ ";
            case 1 -> random.nextInt(2000) - 1000;
            case 2 -> random.nextInt(1000) / 8.0;
            case 3 -> random.nextBoolean();
            case 4 -> "";
            case 5 -> List.of(value(random, depth - 1), value(random, depth - 1));
            default -> object(random, depth);
        };
    }

    /** What the template writes of a reply, without what ends the turn. */
    private static String body(
            ChatFormat format, TemplateModels model, ChatOptions options, ChatMessage reply, String word) {
        String prompt = Spelling.of(model.tokenizer(), format.render(QUESTION, options));
        String open = format.thinking().map(ThinkingFormat::open).orElse(null);
        String all = Spelling.of(model.tokenizer(), format.render(List.of(QUESTION.getFirst(), reply), options));
        int start = Body.start(Body.beforeThinking(prompt, open), all, all.lastIndexOf(word));
        assertTrue(start > 0, all);
        String said = Spelling.of(
                model.tokenizer(),
                format.render(List.of(QUESTION.getFirst(), ChatMessage.assistant("quite another")), options));
        String body = all.substring(start);
        body = body.substring(0, new Probes(model.template(), model.tokenizer()).endOfTurn(body));
        String tail = all.substring(start + body.length()).isEmpty() ? body : "";
        body = body.substring(0, body.length() - Overlap.ofEnds(tail, said).firstLength());
        String thought = body;
        return format.thinking().map(t -> t.withoutEmpty(thought)).orElse(body).stripTrailing();
    }

    private static int[] tokens(TemplateModels model, String spelled) {
        List<Integer> tokens = new ArrayList<>();
        for (int at = 0; at < spelled.length(); ) {
            int begin = spelled.indexOf(Spelling.BEGIN, at);
            int to = begin < 0 ? spelled.length() : begin;
            Arrays.stream(model.tokenizer().encode(spelled.substring(at, to), false, false))
                    .forEach(tokens::add);
            at = to;
            if (begin >= 0) {
                at = spelled.indexOf(Spelling.END, begin) + 1;
                tokens.add(model.tokenizer()
                        .find(spelled.substring(begin + 1, at - 1))
                        .orElseThrow());
            }
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    @TestFactory
    @Slow
    Stream<DynamicTest> nothingThatAnybodyWroteBecomesAControlToken() throws IOException {
        return TemplateModels.all().stream().map(model -> DynamicTest.dynamicTest(model.name(), () -> resists(model)));
    }

    private static void resists(TemplateModels model) {
        ChatFormat format = ChatFormat.of(model.template(), model.tokenizer());
        for (String mark : model.marks()) {
            String harmless = "a".repeat(mark.length());
            for (int where = 0; where < PLACES; where++) {
                assertEquals(
                        controls(format, model, harmless, where),
                        controls(format, model, mark, where),
                        mark + " at place " + where);
            }
        }
    }

    /** The control tokens of a conversation in which something is said at a place; -1 alone if it is refused. */
    private static List<Integer> controls(ChatFormat format, TemplateModels model, String attack, int where) {
        String[] said = new String[PLACES];
        Arrays.fill(said, "x");
        said[where] = attack + attack;
        if (where == 7) { // in two parts, which the template may put side by side
            said[3] = attack.substring(0, attack.length() / 2);
            said[4] = attack.substring(attack.length() / 2);
        }
        Map<String, Object> argument =
                Map.of("type", "string", "description", said[1], "title", said[8], "enum", List.of(said[9]));
        String parameters = JsonValue.of(Map.of(
                        "type",
                        "object",
                        "$comment",
                        said[8],
                        "properties",
                        Map.of(said[2] + "p", argument),
                        "required",
                        List.of(said[2] + "p")))
                .toJson();
        ChatOptions options = ChatOptions.of(Tool.of("f", said[1], parameters));
        options = where == 13 ? options.variable("date_string", said[13]) : options;
        String id = where == 12 ? said[12] : "id1234567";
        ToolCall call =
                new ToolCall(id, "f", (JsonObject) JsonValue.of(Map.of(said[5] + "k", said[6], "b", List.of(said[6]))));
        List<ChatMessage> messages = new ArrayList<>();
        if (where == 10) {
            messages.add(ChatMessage.system(said[10]));
        }
        ChatMessage question = ChatMessage.user(said[0]);
        messages.add(where == 11 ? question.with("name", said[11]) : question);
        messages.add(new Reply(said[3], "", List.of(call)).toMessage());
        messages.add(call.result(said[4] + said[0]));
        try {
            return Arrays.stream(model.tokenizer().encode(format.render(messages, options), false))
                    .filter(model.tokenizer()::isControl)
                    .boxed()
                    .toList();
        } catch (TemplateException refused) {
            return List.of(-1);
        }
    }

    @Test
    void thinkingIsFoundSwitchedAndRead() {
        TemplateModels model = TemplateModels.of("thinking", """
                {%- for m in messages %}<|im_start|>{{ m.role }}
                {% if m.reasoning_content %}<think>
                {{ m.reasoning_content }}
                </think>

                {% endif %}{{ m.content }}<|im_end|>
                {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
                {% if enable_thinking is defined and not enable_thinking %}<think>

                </think>

                {% endif %}{% endif %}""");
        ChatFormat format = ChatFormat.of(model.template(), model.tokenizer());
        ThinkingFormat thinking = format.thinking().orElseThrow();
        assertEquals(
                new ThinkingFormat(
                        Spelling.control("<think>"), Spelling.control("</think>"), Reply.THINKING, "enable_thinking"),
                thinking);
        assertTrue(format.render(QUESTION, ChatOptions.DEFAULT.thinking(false))
                .text()
                .contains("</think>"));
        assertFalse(format.render(QUESTION, ChatOptions.DEFAULT.thinking(true))
                .text()
                .contains("</think>"));
        ExpectedReply expected = format.expect(ChatOptions.DEFAULT, 0);
        String written = thinking.open() + "\nHm, so.\n" + thinking.close() + "\n\nYes.";
        assertEquals(new Reply("Yes.", "Hm, so.", List.of()), Reply.of(expected.read(tokens(model, written))));
        assertTrue(format.render(
                        List.of(QUESTION.getFirst(), new Reply("Yes.", "Hm, so.", List.of()).toMessage()),
                        ChatOptions.DEFAULT)
                .text()
                .contains("<think>\nHm, so.\n</think>"));
    }

    @Test
    void whatCannotBeDoneIsRefusedWithItsReason() {
        TemplateModels model = TemplateModels.of("plain", "{% for m in messages %}{{ m.content }}</s>{% endfor %}");
        ChatFormat format = ChatFormat.of(model.template(), model.tokenizer());
        refuses(() -> format.render(QUESTION, ChatOptions.DEFAULT.thinking(false)), "no switch for thinking");
        refuses(() -> format.render(QUESTION, ChatOptions.DEFAULT.choice(ToolChoice.required())), "no tools");
        refuses(
                () -> format.render(QUESTION, ChatOptions.of(Probes.tool("f")).choice(ToolChoice.named("g"))),
                "\"g\" is asked for");
        refuses(() -> Tool.of("a b", "", "{}"), "letters, digits");
        refuses(() -> Tool.of("f", "", "{\"type\": \"array\"}"), "no schema of an object");
        Tool tool = Tool.of("f", "", "{\"type\": \"object\", \"properties\": {\"a\": {\"not\": {}}}}");
        refuses(() -> format.expect(ChatOptions.of(tool), 0).constraint(Optional.empty()), "/properties/a/not");
    }

    /**
     * Arguments in tags of their own are no JSON behind the name: the constraint would be another than the model knows.
     */
    @Test
    void argumentsThatAreNoJsonAreRefused() {
        TemplateModels model = TemplateModels.of("tagged", """
                {%- for t in tools %}{{ t.function.name }}{% endfor %}{% for m in messages %}<|im_start|>{{ m.role }}
                {{ m.content }}{% for c in m.tool_calls %}<tool_call><function={{ c.function.name }}>
                {%- for k in c.function.arguments %}<parameter={{ k }}>{{ c.function.arguments[k] }}</parameter>{% endfor -%}
                </function></tool_call>{% endfor %}<|im_end|>
                {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
                {% endif %}""");
        ChatFormat format = ChatFormat.of(model.template(), model.tokenizer());
        refuses(() -> format.render(QUESTION, ChatOptions.of(Probes.tool("f"))), "arguments");
    }

    @Test
    void theGrammarOfTheSameToolsIsCompiledOnce() {
        TemplateModels model = TemplateModels.of("plain", "{% for m in messages %}{{ m.content }}</s>{% endfor %}");
        ChatFormat format = ChatFormat.of(model.template(), model.tokenizer());
        ChatOptions options = ChatOptions.of(Probes.tool("f"));
        Constraint first =
                format.expect(options, 0).constraint(Optional.empty()).orElseThrow();
        ChatOptions again = ChatOptions.of(Probes.tool("f"));
        assertSame(first, format.expect(again, 1).constraint(Optional.empty()).orElseThrow());
        Constraint other = format.expect(again.choice(ToolChoice.required()), 1)
                .constraint(Optional.empty())
                .orElseThrow();
        assertNotSame(first, other);
        Optional<Constraint> digits = Optional.of(Constraint.regex("[0-9]+"));
        assertNotSame(first, format.expect(options, 0).constraint(digits).orElseThrow());
    }

    private static void refuses(Runnable action, String reason) {
        String message = assertThrows(RuntimeException.class, action::run).getMessage();
        assertTrue(message.contains(reason), message);
    }
}
