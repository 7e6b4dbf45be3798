package dev.lathe.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.text.TestJson;
import dev.lathe.text.template.TemplateException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A table of small templates with what Jinja2 itself made of them, hand-written ones first, then random ones. */
class Jinja2CasesTest {
    private static final Clock JULY = Clock.fixed(Instant.parse("2024-07-26T09:05:07.123456Z"), ZoneOffset.UTC);

    @TestFactory
    Stream<DynamicTest> agreesWithJinja2() throws IOException {
        Map<String, Object> table = TestJson.map(TestJson.parse(new String(
                Jinja2CasesTest.class.getResourceAsStream("jinja2-cases.json").readAllBytes(),
                StandardCharsets.UTF_8)));
        Map<String, Object> context = TestJson.map(table.get("context"));
        List<?> cases = (List<?>) table.get("cases");
        assertTrue(cases.size() > 2000);
        return IntStream.range(0, cases.size())
                .mapToObj(i -> DynamicTest.dynamicTest("case " + i, () -> check(context, (List<?>) cases.get(i))));
    }

    private static void check(Map<String, Object> context, List<?> row) {
        String source = (String) row.getFirst();
        switch ((String) row.get(1)) {
            case "renders" -> assertEquals(row.get(2), Template.parse(source).render(context, JULY), source);
            case "fails" -> {
                TemplateException failure = failure(source, context);
                assertNotEquals(Reason.LIMIT, failure.reason(), source);
                assertTrue(failure.line() > 0, failure::getMessage);
            }
            default -> {
                TemplateException failure = failure(source, context);
                assertEquals(Reason.UNSUPPORTED, failure.reason(), failure::getMessage);
                assertTrue(failure.getMessage().endsWith(" is not supported"), failure::getMessage);
            }
        }
    }

    private static TemplateException failure(String source, Map<String, Object> context) {
        return assertThrows(
                TemplateException.class, () -> Template.parse(source).render(context, JULY), source);
    }
}
