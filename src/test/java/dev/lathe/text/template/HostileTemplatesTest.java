package dev.lathe.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.text.template.TemplateException.Reason;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small templates that ask for much: each loop, copy and comparison is paid for, and parsing is linear. */
@Slow
class HostileTemplatesTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String LOOP = "{% for i in range(100000) %}";
    private static final String LOOPS = LOOP + LOOP;
    private static final String ENDS = "{% endfor %}{% endfor %}";

    private static final Map<String, Object> VARIABLES = variables();

    private static Map<String, Object> variables() {
        Map<String, Object> map = new HashMap<>();
        for (int i = 0; i < 5000; i++) {
            map.put("key" + i, i);
        }
        return Map.of("d", map, "ints", IntStream.range(0, 100_000).boxed().toList());
    }

    private static String render(String source) {
        return Template.parse(source).render(VARIABLES, Clock.systemUTC());
    }

    /** What would take all memory, or hours, ends at the meter's limit. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ (['A'*4000000]*200000)|sort|length }}",
                "{{ (['A'*4000000]*200000)|groupby(0)|length }}",
                "{{ (['A'*4000000]*200000)|map('lower')|list|length }}",
                "{{ (['A'*4000000]*200000)|map('title')|list|length }}",
                "{{ (['A'*4000000]*200000)|unique|list|length }}",
                "{{ (['A'*4000000]*200000)|min|length }}",
                "{{ (['A'*4000000]*200000)|max|length }}",
                "{% set ns = namespace(x=0) %}" + LOOP + "{% set ns.x = [dict(**d), ns.x] %}{% endfor %}",
                "{% set ns = namespace(x=0) %}" + LOOP + "{% set ns.x = [namespace(**d), ns.x] %}{% endfor %}",
                "{% set ns = namespace(x=0) %}{% macro m() %}{{ kwargs }}{% endmacro %}" + LOOPS + "{% if m(**d) %}"
                        + "{% endif %}" + ENDS,
                "{% set ns = namespace(x=0) %}{% macro m() %}{{ varargs|length }}{% endmacro %}" + LOOPS
                        + "{% if m(*ints) %}{% endif %}" + ENDS,
                "{% set a = '\\u00e9' * 1000000 %}{{ ('\\u00e8' * 1000000).strip(a) * 1 }}" + LOOPS
                        + "{% if a.strip(a) %}{% endif %}" + ENDS,
                LOOPS + "{% if ints|sum %}{% endif %}" + ENDS,
                "{% set a = '\\u0434' * 1000000 %}" + LOOPS + "{% if a|length %}{% endif %}" + ENDS,
                "{% set a = '\\u0434' * 1000000 %}" + LOOPS + "{% if '%.0s' % a %}{% endif %}" + ENDS,
                "{% set a = '\\u0434' * 1000000 %}" + LOOPS + "{% if '{:.0}'.format(a) %}{% endif %}" + ENDS,
                "{% set a = 'x' * 1000000 %}{% set t = (a ~ 'y',) * 90000 %}" + LOOPS
                        + "{% if a.startswith(t) %}{% endif %}" + ENDS,
                "{% set a = 'x' * 1000000 %}{% set t = ('y' ~ a,) * 90000 %}" + LOOPS
                        + "{% if a.endswith(t) %}{% endif %}" + ENDS,
                LOOPS + "{% if ints.count(5e-324) %}{% endif %}" + ENDS,
                LOOPS + "{% if 5e-324 in ints %}{% endif %}" + ENDS,
                "{% set a = ints + [1] %}{% set b = ints + [2] %}" + LOOPS + "{% if a < b %}{% endif %}" + ENDS,
                "{% set a = dict(**d) %}{% set b = dict(**d) %}" + LOOPS + "{% if a == b %}{% endif %}" + ENDS,
                "{% set a = 'k' * 1000000 %}{% set b = 'k' * 1000000 %}{% set e = {a: 1} %}" + LOOPS
                        + "{% if e.get(b) %}{% endif %}" + ENDS,
                "{% set a = ('a.' * 50000) ~ 'a' %}" + LOOPS
                        + "{% if ints|map(attribute=a, default=1)|list %}{% endif %}" + ENDS,
                "{% set c = cycler(*ints) %}" + LOOPS
                        + "{% if c.items == 1 %}{% endif %}{% if c.items|list %}{% endif %}" + ENDS,
                "{% macro m() %}{{ m.arguments }}{% endmacro %}" + LOOPS + "{% if m() %}{% endif %}" + ENDS,
                LOOPS + "{% if '%.100000f' % 1e-300 %}{% endif %}" + ENDS,
                LOOPS + "{% if ints|join('') %}{% endif %}" + ENDS,
                LOOPS + "{% if ints|tojson(indent=9) %}{% endif %}" + ENDS,
                "{% set a = ' ' * 1000000 %}" + LOOPS + "{% if a.split() %}{% endif %}" + ENDS,
                "{% set a = ' ' * 1000000 %}" + LOOPS + "{% if a|wordcount %}{% endif %}" + ENDS,
                "{% set a = ' ' * 1000000 %}" + LOOPS + "{% if a|trim %}{% endif %}" + ENDS,
                "{% set a = '1' * 1000000 %}" + LOOPS + "{% if a|float %}{% endif %}" + ENDS,
                "{% set a = 'a' * 1000000 %}" + LOOPS + "{% if a|truncate(9) %}{% endif %}" + ENDS,
            })
    void whatCostsIsPaid(String source) {
        assertTimeoutPreemptively(LONG, () -> {
            TemplateException failure = assertThrows(TemplateException.class, () -> render(source));
            assertEquals(Reason.LIMIT, failure.reason(), failure.getMessage());
        });
    }

    /** The JDK's change of case is quadratic where characters expand, and hashes may all be equal. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ('\\u00df' * 2000000)|upper|length }}",
                "{{ ('\\u00df' * 2000000)|capitalize|length }}",
                "{{ ('\\u0130' * 1000000)|lower|length }}",
                "{{ ('\\u0130' * 1000000).swapcase()|length }}",
                "{{ ('\\u03a3' * 1000000)|lower|length }}",
                "{{ ('\\u03a3.....' * 200000)|lower|length }}",
                "{{ ('\\u00e9' * 1000000).strip('\\u00e8' * 1000000)|length }}",
                "{{ ('\\u00e9' * 1000000).strip('\\u00e8' * 1000000 ~ '\\u00e9')|length }}",
                "{{ ints.count(5e-324) }}{{ 5e-324 in ints }}",
                "{{ ints|map('abs')|unique|list|length }}",
            })
    void whatIsLongIsLinear(String source) {
        assertTimeoutPreemptively(LONG, () -> render(source));
    }

    @Test
    void looksThroughScopesArePaidFor() {
        String source =
                "{% set a = 1 %}" + "{% with %}".repeat(90) + LOOPS + "{{ a }}" + ENDS + "{% endwith %}".repeat(90);
        assertTimeoutPreemptively(LONG, () -> assertThrows(TemplateException.class, () -> render(source)));
    }

    @Test
    void equalHashesArePaidFor() {
        // The hash of the pair (i, c - 31 * i) is the same for every i.
        StringBuilder made = new StringBuilder("{% set pairs = [");
        for (int i = 0; i < 40_000; i++) {
            made.append('(').append(i).append(',').append(2_000_000 - 31 * i).append("),");
        }
        made.append("] %}{{ pairs|unique|list|length }}");
        assertTimeoutPreemptively(LONG, () -> {
            TemplateException failure = assertThrows(TemplateException.class, () -> render(made.toString()));
            assertEquals(Reason.LIMIT, failure.reason(), failure.getMessage());
        });
    }

    @Test
    void longSourcesParseInLinearTimeOrAreRefused() {
        for (String piece :
                List.of("'ab'", "|y", "()", ".a", "|a.", "[0]", " is y", " ~ 1", "{{1}}", "{%if 1%}", "{##}")) {
            String source = piece.startsWith("{")
                    ? piece.repeat(3_900_000 / piece.length())
                    : "{{ x" + piece.repeat(3_900_000 / piece.length()) + " }}";
            assertTimeoutPreemptively(LONG, () -> {
                try {
                    Template.parse(source.replace("{{ x'", "{{ '"));
                } catch (TemplateException failure) {
                    assertTrue(failure.detail().length() > 3);
                }
            });
        }
        String literals = "{{ '" + "ab''".repeat(200_000) + "' }}";
        assertEquals(
                400_000, assertTimeoutPreemptively(LONG, () -> render(literals)).length());
        String name = "a." + "b.".repeat(200_000) + "c";
        TemplateException unknown = assertTimeoutPreemptively(
                LONG, () -> assertThrows(TemplateException.class, () -> Template.parse("{{ 1|" + name + " }}")));
        assertEquals("no filter is named '" + name + "'", unknown.detail());
    }

    @Test
    void anInterruptEndsARendering() throws InterruptedException {
        Template template =
                Template.parse("{% for i in range(1000) %}{% for i in range(9000) %}{% endfor %}{% endfor %}");
        TemplateException[] thrown = new TemplateException[1];
        boolean[] still = new boolean[1];
        Thread thread = new Thread(() -> {
            Thread.currentThread().interrupt();
            thrown[0] = assertThrows(TemplateException.class, () -> template.render(Map.of(), Clock.systemUTC()));
            still[0] = Thread.currentThread().isInterrupted();
        });
        thread.start();
        thread.join();
        assertEquals(Reason.INTERRUPTED, thrown[0].reason());
        assertTrue(still[0], "the interrupt status is kept");
    }
}
