package dev.lathe.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.Slow;
import dev.lathe.text.template.TemplateException.Reason;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile templates end soon, with a clear exception, in little memory. */
class TemplateLimitsTest {
    private static final String GROW =
            "{% set ns = namespace(x=['ab'], y=['ab'], s='ab', t=(1, 1)) %}{% for i in range(60) %}";

    private static String render(String source) {
        return Template.parse(source).render(Map.of("s", "abc", "l", List.of(1, 2, 3)), Clock.systemUTC());
    }

    private static void assertLimited(String source) {
        TemplateException failure = assertThrows(TemplateException.class, () -> render(source));
        assertEquals(Reason.LIMIT, failure.reason(), failure.getMessage());
    }

    @ParameterizedTest
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    @ValueSource(
            strings = {
                GROW + "{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                GROW + "{% set ns.s = ns.s + ns.s %}{% endfor %}",
                GROW + "{% set ns.s = ns.s|replace('a', ns.s) %}{% endfor %}",
                GROW + "{% set ns.x = ns.x + ns.x %}{% endfor %}",
                GROW + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
                GROW + "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
                GROW + "{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x < ns.y }}",
                GROW + "{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ {ns.t: 1} }}",
                "{% set ns = namespace(x=l) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=l) %}{% for i in range(9999) %}{% set ns.x = ns.x|map('string') %}{% endfor %}"
                        + "{{ ns.x|list }}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}",
                "{{ 'a' * 1000000000 }}",
                "{{ [1] * 1000000000 }}",
                "{{ '%1000000000d' % 5 }}",
                "{{ '{:1000000000}'.format(5) }}",
                "{{ s.center(1000000000) }}",
                "{{ s|indent(1000000000, true) }}",
                "{{ ('\\n' * 5000000)|indent(100000, blank=true) }}",
                "{{ l|tojson(indent=1000000000) }}",
                "{{ l|batch(1000000000, 'x')|list }}",
                "{{ l|slice(1000000000)|list }}",
                "{% set a = 'a' * 3000000 %}{% set b = 'a' * 1500000 ~ 'b' %}{{ b in a }}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{% if a[-1] %}{% endif %}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% set b = 'a' * 1000000 %}"
                        + "{% for i in range(100000) %}{% if a == b %}{% endif %}{% endfor %}",
            })
    void hostileRenderingsEnd(String source) {
        assertLimited(source);
    }

    @ParameterizedTest
    @Slow
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    @ValueSource(
            strings = {
                "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
                GROW + "{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
                "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{% if a.upper() %}{% endif %}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% for i in range(100000) %}{% if a is upper %}{% endif %}{% endfor %}",
            })
    void hostileRenderingsEndThatDoMuchBefore(String source) {
        assertLimited(source);
    }

    @ParameterizedTest
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    @ValueSource(strings = {"(", "[", "{1: ", "not ", "- ", "1 if 0 else ", "s[", "s("})
    void deepExpressionsEnd(String piece) {
        TemplateException failure =
                assertThrows(TemplateException.class, () -> render("{{ " + piece.repeat(100_000) + "1 }}"));
        assertEquals(piece.matches(".*[(\\[{].*") ? Reason.SYNTAX : Reason.LIMIT, failure.reason());
    }

    @Test
    void deepAndLongTemplatesEnd() {
        assertLimited("{{ " + "(".repeat(1000) + "1" + ")".repeat(1000) + " }}");
        assertLimited("{{ " + "[".repeat(1000) + "1" + "]".repeat(1000) + " }}");
        assertLimited("{{ 1" + " + 1".repeat(100_000) + " }}");
        assertLimited("{{ s" + ".x".repeat(100_000) + " }}");
        assertLimited("{{ s" + "|upper".repeat(100_000) + " }}");
        assertLimited("{% if 1 %}".repeat(100_000));
        assertLimited(" ".repeat(5_000_000));
        assertEquals("", render("{% if 0 %}" + "{% elif 0 %}".repeat(20_000) + "{% endif %}"));
        assertEquals(
                300_000,
                render((" ".repeat(1000) + "{% if 1 %}{% endif %}").repeat(300) + " ".repeat(1000))
                        .length());
    }

    /** The deepest that is allowed fits on the stack of a small thread. */
    @Test
    void theAllowedDepthFitsOnASmallStack() throws InterruptedException {
        String ifs = "{% if 1 %}".repeat(90);
        String source = "{% macro m(n) %}" + ifs + "{{ [[[[[m(n)]]]]]|join }}" + "{% endif %}".repeat(90)
                + "{% endmacro %}{{ m(1) }}";
        Throwable[] thrown = new Throwable[1];
        Thread thread = new Thread(null, () -> render(source), "small", 512 * 1024);
        thread.setUncaughtExceptionHandler((ignored, failure) -> thrown[0] = failure);
        thread.start();
        thread.join();
        assertEquals(TemplateException.class, thrown[0].getClass());
    }

    @Test
    void theBudgetGrowsWithTheConversation() {
        String text = "x".repeat(2_000_000);
        String source =
                "{% set ns = namespace(s='') %}{% for i in range(12) %}{% set ns.s = ns.s + s %}{% endfor %}{{ ns.s }}";
        assertEquals(
                24_000_000,
                Template.parse(source)
                        .render(Map.of("s", text), Clock.systemUTC())
                        .length());
    }
}
