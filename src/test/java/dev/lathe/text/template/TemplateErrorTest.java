package dev.lathe.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lathe.text.template.TemplateException.Reason;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user reads when a template cannot be parsed or rendered. */
class TemplateErrorTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '`',
            value = {
                "`a\n{% include 'x' %}` ! UNSUPPORTED ! chat template, line 2: the tag 'include' is not supported",
                "`{% for x in v recursive %}` ! UNSUPPORTED ! chat template, line 1: a recursive for is not supported",
                "`\n\n{{ v|wordwrap }}` ! UNSUPPORTED !"
                        + " chat template, line 3: the filter 'wordwrap' of Jinja2 is not supported",
                "`{{ v|nope }}` ! SYNTAX ! chat template, line 1: no filter is named 'nope'",
                "`{{ v is nope }}` ! SYNTAX ! chat template, line 1: no test is named 'nope'",
                "`\n{% if v %}\n\nx` ! SYNTAX !"
                        + " chat template, line 2: the template ends where 'endif' is missing for 'if'",
                "`{% if v %}{% endfor %}` ! SYNTAX ! chat template, line 1: an unknown or misplaced tag 'endfor'",
                "`{{ v` ! SYNTAX ! chat template, line 1: unexpected end of template, expected '}}'",
                "`{{ v }` ! SYNTAX ! chat template, line 1: unexpected '}'",
                "`{{ (v] }}` ! SYNTAX ! `chat template, line 1: unexpected ']', expected ')'`",
                "`{{ 1 + }}` ! SYNTAX ! chat template, line 1: unexpected '}}'",
                "`{% break %}` ! SYNTAX ! chat template, line 1: 'break' outside of a loop",
                "`{% set 5 = v %}` ! SYNTAX ! `chat template, line 1: expected the name of a variable, got '5'`",
            })
    void parsingSaysLineAndConstruct(String source, Reason reason, String message) {
        TemplateException failure = assertThrows(TemplateException.class, () -> Template.parse(source));
        assertEquals(message, failure.getMessage());
        assertEquals(reason, failure.reason());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '`',
            value = {
                "`\n{{ nope.x }}` ! FAILED ! chat template, line 2: 'nope' is undefined",
                "`{{ v.a.b }}` ! FAILED ! chat template, line 1: 'dict object' has no attribute 'a'",
                "`{{ 'a' + v }}` ! FAILED ! `chat template, line 1: can only concatenate str (not \"dict\") to str`",
                "`{{ [].append(1) }}` ! FAILED ! `chat template, line 1: access to attribute 'append' of 'list' object"
                        + " is unsafe: values cannot be changed`",
                "`{% if not v %}\n{% for x in 5 %}{% endfor %}{% endif %}` ! FAILED !"
                        + " chat template, line 2: 'int' object is not iterable",
                "`{% macro m(a) %}\n{{ a.b.c }}{% endmacro %}\n\n{{ m({}) }}` ! FAILED !"
                        + " chat template, line 2: 'dict object' has no attribute 'b'",
                "`{{ 9223372036854775807 + 1 }}` ! UNSUPPORTED !"
                        + " chat template, line 1: an integer beyond 64 bits is not supported",
                "`{{ raise_exception('no') }}` ! REFUSED ! chat template, line 1: no",
                "`{% if v is defined %}{{ v|pprint }}{% endif %}` ! UNSUPPORTED !"
                        + " chat template, line 1: the filter 'pprint' of Jinja2 is not supported",
            })
    void renderingSaysLineAndCause(String source, Reason reason, String message) {
        Template template = Template.parse(source);
        TemplateException failure =
                assertThrows(TemplateException.class, () -> template.render(Map.of("v", Map.of()), Clock.systemUTC()));
        assertEquals(message, failure.getMessage());
        assertEquals(reason, failure.reason());
    }
}
