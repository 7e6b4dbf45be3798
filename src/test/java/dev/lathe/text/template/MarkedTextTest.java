package dev.lathe.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A rendering tells what the template wrote from what it was given. */
class MarkedTextTest {
    /** The text with what was given in upper case. */
    private static String marked(MarkedText text) {
        StringBuilder marked = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.text().charAt(i);
            marked.append(text.isData(i) ? Character.toUpperCase(c) : c);
        }
        return marked.toString();
    }

    private static String marked(String source) {
        Map<String, Object> variables = Map.of(
                "d", "data", "l", List.of("p", "q"), "m", Map.of("key", "value"), "r", MarkedText.ofTemplate("role"));
        return marked(Template.parse(source).renderMarked(variables, Clock.systemUTC()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "a{{ d }}b; aDATAb",
                "{{ 'a' + d ~ 'b' ~ r }}; aDATAbrole",
                "{{ ('x' ~ d ~ 'y')[1:4] }}{{ ('x' ~ d ~ 'y')[::-1] }}; DATyATADx",
                "{{ ('  ' ~ d ~ 'y ')|trim }}; DATAy",
                "{{ ('x-' ~ d ~ '-y').split('-')|join('+') }}; x+DATA+y",
                "{{ d|replace('t', 'tt') }}{{ 'abc'|replace('b', d) }}; DAttAaDATAc",
                "{{ 'a%sb' % d }}{{ '<{}>'.format(d) }}{{ '%s'|format(d) }}; aDATAb<DATA>DATA",
                "{{ '%6s|' % d }}{{ '{:<6}|'.format(d) }}; DATA|DATA  |",
                "{% set x %}a{{ d }}{% endset %}{{ x }}{% macro f(y) %}b{{ y }}{% endmacro %}{{ f(d) }}; aDATAbDATA",
                "{% filter trim %} a{{ d }}b {% endfilter %}; aDATAb",
                "{{ m|tojson }}{{ l }}; {\"KEY\": \"VALUE\"}['P', 'Q']",
                "{% for k, v in m.items() %}{{ k }}={{ v }}{% endfor %}; KEY=VALUE",
                "{{ dict(**m)|tojson }}; {\"KEY\": \"VALUE\"}",
                "{{ {'a': d}|tojson }}; {\"a\": \"DATA\"}",
                "{{ l|join('-') }}{{ l|first }}{{ (l + ['z'])|last }}; P-QPz",
                "{{ (d ~ '/n')|indent }}{{ d|default('a') }}{{ none_|default('a') }}; DATA/nDATAa",
                "{{ d.partition('t')|join('|') }}; DA|t|A",
                "{{ d|title|lower }}{{ 'ab'|lower }}; DATAab",
                "{{ d.center(6) }}{{ d * 2 }}; DATA DATADATA",
            })
    void eachCharacterKeepsItsOrigin(String source, String expected) {
        assertEquals(expected, marked(source).strip());
    }

    @Property
    void slicesKeepOrigins(
            @ForAll List<@IntRange(min = 0, max = 3) Integer> lengths,
            @ForAll @IntRange(min = 0, max = 40) int a,
            @ForAll @IntRange(min = 0, max = 40) int b) {
        Buffer buffer = new Buffer(new Rendering(Clock.systemUTC()));
        for (int i = 0; i < lengths.size(); i++) {
            buffer.append("abc".substring(0, lengths.get(i)), i % 2 == 1);
        }
        MarkedText text = buffer.toText();
        int from = Math.min(Math.min(a, b), text.length());
        int to = Math.min(Math.max(a, b), text.length());
        assertEquals(marked(text).substring(from, to), marked(text.slice(from, to)));
        for (int at = from; at < to; at = text.stretchEnd(at)) {
            assertEquals(text.isData(at), text.isData(text.stretchEnd(at) - 1));
        }
    }
}
