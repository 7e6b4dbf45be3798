package dev.lathe.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.text.template.TemplateException.Reason;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Numbers at the ends of their ranges: there is a text, or a TemplateException, never an overflow. */
class ExtremeNumbersTest {
    private static final String[] NUMBERS = {
        "0",
        "1",
        "-1",
        "2",
        "-3",
        "7",
        "63",
        "64",
        "400",
        "-400",
        "-401",
        "99999",
        "100001",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "9007199254740993",
        "4611686018427387904",
        "9223372036854775807",
        "-9223372036854775807",
        "(-9223372036854775807 - 1)",
        "0.5",
        "-0.0",
        "2.5",
        "5e-324",
        "1e308",
        "-1e308",
        "9.3e18",
        "-9223372036854775808.0",
        "1e400",
        "'nan'|float",
        "true",
        "none",
        "'12'",
        "'-9223372036854775808'"
    };

    /** N is a number, E an expression. */
    private static final String[] FORMS = {
        "N",
        "N",
        "N",
        "(E + E)",
        "(E - E)",
        "(E * N)",
        "(E / E)",
        "(E // E)",
        "(E % E)",
        "(E ** N)",
        "(-E)",
        "(+E)",
        "(E|abs)",
        "(E|round(N))",
        "(E|round(N, 'ceil'))",
        "(E|round(N, 'floor'))",
        "(E|int)",
        "(E|float)",
        "(E|string|int(N, N))",
        "(E|string)",
        "(E < E)",
        "(E == E)",
        "(E in [E, E])",
        "(E in range(N, N, N))",
        "[E, E]|sort|first",
        "[E, E, E]|unique|list|length",
        "[E, E]|min",
        "[E, E]|max",
        "[E, E]|sum",
        "s[N]",
        "s[N:N]",
        "s[N:N:N]|length",
        "l[N:N:N]|sum",
        "l[N]",
        "range(N, N, N)[N]",
        "range(N, N, N)[N:N:N]|length",
        "range(N, N)[N:]|list|length",
        "(s|truncate(N))|length",
        "(s|truncate(N, true, '', N))|length",
        "(s|center(N))|length",
        "s.center(N)|length",
        "s.ljust(N, 'x')|length",
        "s.zfill(N)|length",
        "(s|indent(N, true))|length",
        "(l|batch(N))|list|length",
        "(l|batch(N, 0))|list|length",
        "(l|slice(N))|list|length",
        "(l|slice(N, 0))|list|length",
        "s.split('b', N)|length",
        "s.rsplit(none, N)|length",
        "s.replace('b', 'c', N)",
        "(s|replace('b', 'c', N))",
        "s.find('c', N, N)",
        "s.rindex('c', N)",
        "s.count('', N, N)",
        "s.startswith('b', N, N)",
        "l.index(E, N, N)",
        "l.count(E)",
        "({E: 1}[E])",
        "(s * N)|length",
        "(l * N)|length",
        "(N * s)|length",
        "(E is divisibleby N)",
        "(E is odd)",
        "('%d' % E)|length",
        "('%.9f' % E)|length",
        "('%e' % E)|length",
        "('%g' % E)",
        "('%x' % E)",
        "('%c' % E)|length",
        "('%99999d' % E)|length",
        "('%-9.400f' % E)|length",
        "('{:,}'.format(E))",
        "('{:.3%}'.format(E))|length",
        "('{:+.2e}'.format(E))",
        "('{:08b}'.format(E))",
        "('{:^30}'.format(E))",
        "('{' ~ N ~ '}').format(1)",
        "(E|tojson)",
        "(l|tojson(indent=N))|length",
        "(E ~ E)",
        "(E and E)",
        "(E or E)",
        "(E if E else E)",
        "[1, 2]|sum(start=E)",
        "(l|map('round', N)|list)"
    };

    private static String expression(Random random, int depth) {
        String form = depth == 0 ? "N" : FORMS[random.nextInt(FORMS.length)];
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < form.length(); i++) {
            char c = form.charAt(i);
            text.append(
                    c == 'N'
                            ? NUMBERS[random.nextInt(NUMBERS.length)]
                            : c == 'E' ? expression(random, depth - 1) : Character.toString(c));
        }
        return text.toString();
    }

    private static String render(String expression) {
        return Template.parse("{{ " + expression + " }}")
                .render(Map.of("s", "abc b\ud83d\ude42d", "l", List.of(1, 2, 3)), Clock.systemUTC());
    }

    @Property
    void anyExpressionHasATextOrATemplateException(@ForAll long seed) {
        Random random = new Random(seed);
        List<String> expressions = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            expressions.add(expression(random, 1 + random.nextInt(3)));
        }
        for (String expression : expressions) {
            try {
                render(expression);
            } catch (TemplateException failure) {
                // One clear exception is right.
            } catch (RuntimeException failure) {
                throw new AssertionError(expression, failure);
            }
        }
    }

    @Test
    void whatOverflowsIsNotSupportedAndWhatFitsIsExact() {
        for (String expression : List.of(
                "9223372036854775807|round(-1)",
                "9223372036854775807 + 1",
                "-9223372036854775807 - 2",
                "(-9223372036854775807 - 1)|abs",
                "3 ** 41")) {
            TemplateException failure = assertThrows(TemplateException.class, () -> render(expression));
            assertEquals(Reason.UNSUPPORTED, failure.reason(), expression);
        }
        assertEquals("9223372036854775800", render("9223372036854775800|round(-1)"));
        assertEquals("abcde", render("'abcde'|truncate(9223372036854775807)"));
        assertEquals("abc", render("'abc'.center(-9223372036854775807 - 1)"));
        assertEquals("abc", render("'abc'.zfill(-9223372036854775807 - 1)"));
        assertEquals("True False", render("(9007199254740993 > 9007199254740992.0) ~ ' ' ~ (0 > 5e-324)"));
        assertEquals("True", render("(-9223372036854775807 - 1) == -9223372036854775808.0"));
        assertEquals("True", render("9223372036854775807 < 9223372036854775808.0"));
    }
}
