package dev.lathe.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.ReferenceData;
import dev.lathe.text.template.TemplateException;
import dev.lathe.text.template.TemplateException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ChatTemplateTest {
    private static final Clock JULY = Clock.fixed(Instant.parse("2024-07-26T09:05:07.123456Z"), ZoneOffset.UTC);

    /** Real templates of eighteen models, rendered by Jinja2; where Jinja2 failed, this must fail too. */
    @TestFactory
    Stream<DynamicTest> rendersModelsTemplatesAsJinja2Does() {
        Map<String, Object> reference = TestJson.map(TestJson.read(ReferenceData.require("templates/expected.json")));
        List<DynamicTest> tests = new ArrayList<>();
        TestJson.map(reference.get("expected")).forEach((name, results) -> {
            Path file = ReferenceData.require("templates/" + name + ".jinja");
            TestJson.map(results)
                    .forEach((caseName, result) -> tests.add(DynamicTest.dynamicTest(
                            name + " / " + caseName,
                            () -> check(
                                    Files.readString(file),
                                    TestJson.map(
                                            TestJson.map(reference.get("cases")).get(caseName)),
                                    TestJson.map(result)))));
        });
        assertEquals(18 * 7, tests.size());
        return tests.stream();
    }

    private static void check(String source, Map<String, Object> conversation, Map<String, Object> expected) {
        ChatTemplate template = ChatTemplate.of(source);
        ChatInput input = input(conversation);
        if (expected.get("text") instanceof String text) {
            assertEquals(text, template.render(input));
            return;
        }
        TemplateException failure = assertThrows(TemplateException.class, () -> template.render(input));
        String error = (String) expected.get("error");
        String message = error.substring(error.indexOf(": ") + 2);
        assertEquals(error.startsWith("TemplateError") ? Reason.REFUSED : Reason.FAILED, failure.reason());
        assertEquals(message, failure.detail());
        assertTrue(failure.line() > 0, "the line is known");
    }

    private static ChatInput input(Map<String, Object> conversation) {
        List<ChatMessage> messages = new ArrayList<>();
        for (Object each : (List<?>) conversation.get("messages")) {
            Map<String, Object> fields = TestJson.map(each);
            Object role = fields.remove("role");
            messages.add(new ChatMessage((String) role, (String) fields.remove("content"), fields));
            fields.put("role", role);
            fields.put("content", messages.getLast().content());
        }
        ChatInput input = ChatInput.of(messages)
                .withSpecialTokens("<s>", "</s>")
                .withGenerationPrompt(!Boolean.FALSE.equals(conversation.get("add_generation_prompt")))
                .withClock(JULY);
        List<Map<String, Object>> tools = new ArrayList<>();
        if (conversation.get("tools") instanceof List<?> given) {
            given.forEach(tool -> tools.add(TestJson.map(tool)));
        }
        return input.withTools(tools);
    }

    @Test
    void rendersAConversation() {
        ChatTemplate template =
                ChatTemplate.of("{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
                        + "{% if add_generation_prompt %}<assistant>{% endif %}");
        ChatInput input =
                ChatInput.of(ChatMessage.system("Be brief."), ChatMessage.user("Hi"), ChatMessage.assistant("Yo"));
        assertEquals("<system>Be brief.<user>Hi<assistant>Yo<assistant>", template.render(input));
        assertEquals(
                "<s><system>Be brief.<user>Hi<assistant>Yo",
                template.render(input.withSpecialTokens("<s>", "</s>").withGenerationPrompt(false)));
    }

    @Test
    void passesFieldsToolsVariablesAndTime() {
        ChatTemplate template =
                ChatTemplate.of("{{ messages[0].tool_calls[0].name }} {{ tools[0]|tojson }} {{ enable_thinking }} "
                        + "{{ strftime_now('%d %b %Y') }} {{ messages[0]|tojson }}");
        ChatMessage call = ChatMessage.assistant(null).with("tool_calls", List.of(Map.of("name", "f")));
        ChatInput input = ChatInput.of(call)
                .withTools(List.of(Map.of("type", "function")))
                .withVariable("enable_thinking", false)
                .withClock(JULY);
        assertEquals(
                "f {\"type\": \"function\"} False 26 Jul 2024 "
                        + "{\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"name\": \"f\"}]}",
                template.render(input));
    }

    @Test
    void toolsAreUndefinedWhereThereAreNone() {
        ChatTemplate template = ChatTemplate.of("{{ tools is defined }} {{ bos_token is defined }}");
        assertEquals("False False", template.render(ChatInput.of()));
        assertEquals("True False", template.render(ChatInput.of().withVariable("tools", null)));
    }

    @Test
    void aRefusalCarriesTheTemplatesOwnWords() {
        ChatTemplate template = ChatTemplate.of("one\n{{ raise_exception('System role not supported') }}");
        TemplateException refusal = assertThrows(TemplateException.class, () -> template.render(ChatInput.of()));
        assertEquals(Reason.REFUSED, refusal.reason());
        assertEquals("System role not supported", refusal.detail());
        assertEquals("chat template, line 2: System role not supported", refusal.getMessage());
    }

    @Test
    void rejectsWhatIsNoPlainData() {
        ChatInput input = ChatInput.of(ChatMessage.user("x").with("when", Instant.EPOCH));
        ChatTemplate template = ChatTemplate.of("");
        assertThrows(IllegalArgumentException.class, () -> template.render(input));
        assertThrows(IllegalArgumentException.class, () -> ChatMessage.user("x").with("role", "y"));
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertThrows(
                IllegalArgumentException.class,
                () -> template.render(ChatInput.of().withVariable("cycle", cycle)));
    }

    @Test
    void isRenderedByManyThreadsAtOnce() {
        ChatTemplate template = ChatTemplate.of("{% set ns = namespace(n=0) %}{% for m in messages %}"
                + "{% set ns.n = ns.n + m.content|length %}{% endfor %}{{ ns.n }}");
        assertTrue(Stream.iterate(1, n -> n + 1)
                .limit(200)
                .parallel()
                .allMatch(n -> template.render(ChatInput.of(ChatMessage.user("x".repeat(n)), ChatMessage.user("y")))
                        .equals(String.valueOf(n + 1))));
    }
}
