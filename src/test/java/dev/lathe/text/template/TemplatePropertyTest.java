package dev.lathe.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.text.TestJson;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Laws that hold for any text, value or broken template. */
class TemplatePropertyTest {
    private static String render(String source, Object value) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("v", value);
        return Template.parse(source).render(variables, Clock.systemUTC());
    }

    @Property(tries = 500)
    void textWithoutDelimitersIsItself(@ForAll("texts") String text) {
        assertEquals(text, render(text + "{{ '' }}", null));
        assertEquals(text, render("{% raw %}" + text + "{%+ endraw %}", null));
        assertEquals(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text, render(text, null));
    }

    @Property(tries = 500)
    void aValueIsPrintedAsItIs(@ForAll String text) {
        assertEquals(text, render("{{ v }}", text));
        assertEquals(text + "|" + text, render("{{ v ~ '|' }}{% filter trim('') %}{{ v }}{% endfilter %}", text));
    }

    /** Minus takes all the space; a tag takes one line break after it and the spaces of its line before it. */
    @Property(tries = 500)
    void delimitersTakeSpaceByTheirSigns(@ForAll("spaces") String before, @ForAll("spaces") String after) {
        assertEquals("ab", render("a" + before + "{#- c -#}" + after + "b", null));
        assertEquals("ab", render("a" + before + "{%- if 1 -%}" + after + "{% endif %}b", null));
        assertEquals("avb", render("a" + before + "{{- 'v' -}}" + after + "b", null));
        assertEquals("a" + before + "v" + after + "b", render("a" + before + "{{ 'v' }}" + after + "b", null));
        assertEquals("a" + before + after + "b", render("a" + before + "{%+ if 1 +%}" + after + "{%+ endif %}b", null));
        String line = before.substring(0, before.lastIndexOf('\n') + 1);
        assertEquals(
                "a" + (line.isEmpty() ? before : line) + (after.startsWith("\n") ? after.substring(1) : after) + "b",
                render("a" + before + "{# c #}" + after + "b", null));
    }

    @Property(tries = 500)
    void jsonReadsBackAsTheSameValue(@ForAll("values") Object value) {
        assertEquals(value, TestJson.parse(render("{{ v|tojson }}", value)));
        assertEquals(value, TestJson.parse(render("{{ v|tojson(indent=3) }}", value)));
        assertEquals(value, TestJson.parse(render("{{ v|tojson(ensure_ascii=true, separators=(',', ':')) }}", value)));
        assertTrue(render("{{ v|tojson(ensure_ascii=true) }}", value).chars().allMatch(c -> c < 0x80));
        assertEquals(
                "True",
                render(
                        "{{ v == v|list if v is sequence and v is not string and v is not mapping else v == v }}",
                        value));
    }

    @Property(tries = 500)
    void floatsArePrintedWithTheShortestDigitsThatReadBack(@ForAll double value) {
        String printed = render("{{ v }}", value);
        assertEquals(value, Double.parseDouble(printed));
        assertEquals(printed, render("{{ v|string|float }}", value));
        assertTrue(digits(printed) <= digits(Double.toString(value)), printed);
    }

    private static int digits(String number) {
        return number.replaceAll("e.*|E.*|[-.]", "").replaceAll("^0+|0+$", "").length();
    }

    @Property(tries = 500)
    void slicesPickWhatPythonsRuleSays(
            @ForAll List<@IntRange(min = 0, max = 9) Integer> list,
            @ForAll @IntRange(min = -12, max = 12) int start,
            @ForAll @IntRange(min = -12, max = 12) int stop,
            @ForAll @IntRange(min = -4, max = 4) int step) {
        int stride = step == 0 ? 1 : step;
        StringBuilder text = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        list.forEach(text::append);
        int size = list.size();
        int lowest = stride > 0 ? 0 : -1;
        int highest = stride > 0 ? size : size - 1;
        int first = Math.max(lowest, Math.min(highest, start < 0 ? start + size : start));
        int end = Math.max(lowest, Math.min(highest, stop < 0 ? stop + size : stop));
        for (int i = first; stride > 0 ? i < end : i > end; i += stride) {
            expected.append(list.get(i));
        }
        String slice = "[" + start + ":" + stop + ":" + stride + "]";
        assertEquals(expected.toString(), render("{{ v" + slice + "|join }}", list));
        assertEquals(expected.toString(), render("{{ v" + slice + " }}", text.toString()));
    }

    @Property(tries = 500)
    void sortingSplittingAndReversingAgree(@ForAll List<Integer> list, @ForAll String text) {
        List<Integer> sorted = new ArrayList<>(list);
        sorted.sort(null);
        assertEquals(sorted.toString(), render("{{ v|sort }}", list));
        assertEquals("True", render("{{ v|reverse|list|reverse|list == v }}", list));
        assertEquals(text, render("{{ v|reverse|reverse }}", text));
        assertEquals(text, render("{{ v|list|join }}", text));
        assertEquals(text, render("{{ 'a'.join(v.split('a')) }}", text));
        assertEquals(text, render("{{ v.partition('a')|join }}", text));
    }

    /** Whatever the source, there is a text or a TemplateException with its line; never another failure. */
    @Property(tries = 3000)
    void brokenTemplatesFailClearly(@ForAll("shreds") String source) {
        try {
            render(source, List.of(Map.of("role", "user", "content", "x")));
        } catch (TemplateException failure) {
            assertTrue(failure.line() > 0, failure::getMessage);
            assertTrue(failure.detail().length() > 3, failure::getMessage);
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withChars("ab%#}\" '-\t\n\u00e9\ud83d\ude42 ")
                .ofMaxLength(30);
    }

    @Provide
    Arbitrary<String> spaces() {
        return Arbitraries.strings().withChars(" \t\n").ofMaxLength(5);
    }

    @Provide
    Arbitrary<Object> values() {
        Arbitrary<Object> leaves = Arbitraries.oneOf(
                Arbitraries.strings().asGeneric(),
                Arbitraries.longs().asGeneric(),
                Arbitraries.doubles().asGeneric(),
                Arbitraries.of(true, false).asGeneric());
        return Arbitraries.recursive(
                () -> leaves,
                inner -> Arbitraries.oneOf(
                        inner.list().ofMaxSize(4).asGeneric(),
                        Arbitraries.maps(Arbitraries.strings(), inner)
                                .ofMaxSize(4)
                                .asGeneric()),
                0,
                3);
    }

    @Provide
    Arbitrary<String> shreds() {
        Arbitrary<String> pieces = Arbitraries.of(
                "{{",
                "}}",
                "{%",
                "%}",
                "{#",
                "#}",
                "{{-",
                "-}}",
                "{%-",
                "-%}",
                "+%}",
                " if ",
                " else ",
                " endif ",
                " for ",
                " in ",
                " endfor ",
                " set ",
                " endset ",
                " macro m(a) ",
                " endmacro ",
                " call m(1) ",
                " endcall ",
                " raw ",
                " endraw ",
                " filter upper ",
                " endfilter ",
                " break ",
                "v",
                "x",
                "v[0]",
                ".role",
                ".",
                "|",
                "|length",
                "|tojson",
                "|map",
                "(",
                ")",
                "[",
                "]",
                "{",
                "}",
                ",",
                ":",
                "=",
                "==",
                "'a'",
                "'",
                "\"",
                "1",
                "1.5",
                "0x",
                "~",
                "+",
                "-",
                "**",
                " is ",
                " not ",
                " and ",
                " or ",
                " none ",
                "\n",
                " ",
                "\\",
                "\u00e9",
                "\ud83d\ude42",
                "%s",
                "loop",
                "*");
        Arbitrary<String> shreds = pieces.list().ofMaxSize(14).map(list -> String.join("", list));
        Arbitrary<String> inside = pieces.list().ofMaxSize(8).map(list -> "{{ v" + String.join("", list) + " }}");
        Arbitrary<String> tags = Combinators.combine(shreds, inside)
                .as((first, second) -> "{% if v %}" + first + "{% endif %}{% for x in v %}" + second + "{% endfor %}");
        return Arbitraries.oneOf(shreds, inside, tags);
    }
}
