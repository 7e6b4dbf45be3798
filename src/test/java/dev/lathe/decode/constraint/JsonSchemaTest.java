package dev.lathe.decode.constraint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Error;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;

/** What is accepted is JSON and validates by another program's judgement; what does not validate is refused. */
class JsonSchemaTest {
    private static final TokenVocabulary BYTES = Vocabularies.ofBytes();
    private static final SchemaRegistry VALIDATORS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private static String q(String text) {
        return text.replace('\'', '"');
    }

    @Provide
    static Arbitrary<String> schemas() {
        return RandomSchemas.all();
    }

    private static void assertFormats(ExecutionContext context) {
        context.executionConfig(config -> config.formatAssertionsEnabled(true));
    }

    private static void check(String schema, Schema validator, byte[] text) {
        String instance = new String(text, StandardCharsets.UTF_8);
        List<Error> errors;
        try {
            errors = validator.validate(
                    instance, InputFormat.JSON, (Consumer<ExecutionContext>) JsonSchemaTest::assertFormats);
        } catch (JacksonException e) {
            return; // this validator cannot judge some numbers beyond 64 bits
        }
        assertTrue(errors.isEmpty(), () -> schema + "\ndoes not accept\n" + instance + "\n" + errors);
    }

    @Property(tries = 300)
    void whatIsDrawnValidatesAndIsAccepted(@ForAll("schemas") String schema, @ForAll long seed) {
        Grammar grammar = Constraint.jsonSchema(schema);
        Schema validator = VALIDATORS.getSchema(schema, InputFormat.JSON);
        Random random = new Random(seed);
        for (int i = 0; i < 5; i++) {
            byte[] text = RandomWalk.text(grammar, BYTES, 60, random);
            check(schema, validator, text);
            assertTrue(grammar.accepts(text));
        }
    }

    @Test
    void recursiveSchemasAreDrawnToo() {
        String schema = q("{'$ref': '#/$defs/node', '$defs': {'node': {'type': 'object', 'required': ['v'],"
                + " 'properties': {'v': {'type': 'integer'}, 'next': {'anyOf': [{'type': 'null'}, {'$ref': '#/$defs/node'}]},"
                + " 'all': {'type': 'array', 'items': {'$ref': '#/$defs/node'}}}}}}");
        Schema validator = VALIDATORS.getSchema(schema, InputFormat.JSON);
        Grammar grammar = Constraint.jsonSchema(schema);
        for (int i = 0; i < 200; i++) {
            check(schema, validator, RandomWalk.text(grammar, BYTES, 80, new Random(i)));
        }
        assertTrue(grammar.accepts(q("{'v': 1, 'next': {'v': 2, 'next': null}}")));
        assertFalse(grammar.accepts(q("{'v': 1, 'next': {'next': null}}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type': 'integer'} | 1.5 | '1' | true | 01",
                "{'minimum': 3, 'type': 'integer'} | 2 | -7 | 0 | null",
                "{'maximum': 3, 'type': 'number'} | 4 | 3.01 | 1e9 | 10",
                "{'exclusiveMinimum': 3, 'type': 'number'} | 3 | 3.0 | 2.9 | -4",
                "{'minLength': 2, 'type': 'string'} | '' | 'a' | '\uD83D\uDE00' | 12",
                "{'maxLength': 1, 'type': 'string'} | 'ab' | '\\n\\n' | 'abc | '''",
                "{'pattern': '^a+$', 'type': 'string'} | 'b' | 'ab' | '' | a",
                "{'pattern': 'a'} | 'b' | '' | 'A' | a",
                "{'enum': [1, 'x']} | 2 | 'y' | 11 | x",
                "{'const': {'a': [1]}} | {} | {'a': 1} | {'a': [2]} | [1]",
                "{'type': 'array', 'items': {'type': 'null'}, 'minItems': 2} | [] | [null] | [null, 1] | {}",
                "{'type': 'array', 'maxItems': 1} | [1, 2] | [[], []] | [1,] | [",
                "{'prefixItems': [{'type': 'null'}], 'items': false} | [1] | [null, null] | [null, 1] | null",
                "{'properties': {'a': {'type': 'null'}}, 'required': ['a']} | {} | {'a': 1} | {'b': null} | {'a': null, 'a': 1}",
                "{'properties': {'a': true}, 'additionalProperties': {'type': 'null'}} | {'b': 1} | {'ab': 2} | {'\\u0061': 1, 'b': 2} | {'b': null 'c'}",
                "{'anyOf': [{'type': 'null'}, {'const': 1}]} | 2 | 'null' | nul | [null]",
                "{'type': 'string', 'format': 'date'} | '2024-13-01' | '2024-02-30' | '24-01-01' | '2024-1-1'",
                "{'type': 'string', 'format': 'ipv4'} | '256.1.1.1' | '1.1.1' | '01.1.1.1' | '1.1.1.1.1'",
                "true | '\\ud800' | '\\x' | {'a' 1} | [1 2]",
            })
    void whatDoesNotValidateIsRefused(String schema, String a, String b, String c, String d) {
        Grammar grammar = Constraint.jsonSchema(q(schema));
        for (String instance : List.of(a, b, c, d)) {
            assertFalse(grammar.accepts(q(instance)), instance);
        }
    }

    @Test
    void whatIsNotSupportedIsNamedWithItsPointer() {
        Map.of(
                        "{'uniqueItems': true}", "at \"/uniqueItems\"",
                        "{'properties': {'a/b': {'not': {}}}}", "at \"/properties/a~1b/not\"",
                        "{'type': 'string', 'format': 'hostname'}", "at \"/format\"",
                        "{'anyOf': [{}], 'type': 'object'}", "at \"/type\"",
                        "{'type': 'number', 'minimum': 0.5}", "at \"/minimum\"",
                        "{'$ref': 'other.json'}", "at \"/$ref\"",
                        "{'$ref': '#/$defs/x'}", "nothing at \"#/$defs/x\"",
                        "{'oneOf': [{'type': 'integer'}, {'type': 'number'}]}", "at \"/oneOf\"",
                        "{'type': 'strin'}", "at \"/type\"",
                        "{'pattern': 'a(?=b)'}", "at \"/pattern\"")
                .forEach((schema, message) -> {
                    String got = assertThrows(ConstraintException.class, () -> Constraint.jsonSchema(q(schema)), schema)
                            .getMessage();
                    assertTrue(got.contains(message), got);
                });
        assertThrows(ConstraintException.class, () -> Constraint.jsonSchema("{"));
        assertThrows(ConstraintException.class, () -> Constraint.jsonSchema(q("{'$ref': '#'}")));
        assertThrows(ConstraintException.class, () -> Constraint.jsonSchema("false"));
        assertThrows(ConstraintException.class, () -> Constraint.jsonSchema(q("{'minLength': 1e999999999}")));
    }

    @Test
    void oneOfIsSupportedWhereItsBranchesAreToldApart() {
        Grammar grammar = Constraint.jsonSchema(
                q(
                        "{'oneOf': ["
                                + "{'type': 'object', 'required': ['k', 'x'], 'properties': {'k': {'const': 'a'}, 'x': {'type': 'null'}}},"
                                + "{'type': 'object', 'required': ['k'], 'properties': {'k': {'enum': ['b', 'c']}}}, {'type': 'null'}]}"));
        assertTrue(grammar.accepts(q("{'k':'a','x':null}")));
        assertTrue(grammar.accepts(q("{'k': 'c'}")));
        assertFalse(grammar.accepts(q("{'k':'a'}")));
    }

    @Test
    void blanksAreBounded() {
        Grammar grammar = Constraint.json();
        assertTrue(grammar.accepts(q("{\n  'a': [1, 2],\n  'b': {}\n}")));
        assertFalse(grammar.accepts("[  1]"));
        assertFalse(grammar.accepts("[\n\n1]"));
    }

    @Test
    void hostileSchemasAreBounded() {
        String deep = "{'items': ".repeat(150) + "true" + "}".repeat(150);
        assertTrue(Constraint.jsonSchema(q(deep)).accepts("[".repeat(150) + "]".repeat(150)));
        String chain = IntStream.range(0, 30_000)
                .mapToObj(i -> "'d" + i + "': {'$ref': '#/$defs/d" + (i + 1) + "'}")
                .collect(Collectors.joining(", "));
        String many = "{'$ref': '#/$defs/d0', '$defs': {" + chain + ", 'd30000': {'type': 'null'}}}";
        assertTrue(Constraint.jsonSchema(q(many)).accepts("null"));
        assertThrows(
                ConstraintException.class, () -> Constraint.jsonSchema(q("{'type': 'string', 'maxLength': 1000000}")));
        String bomb = "{'type': 'array', 'maxItems': 20000, 'items': true}";
        assertTrue(Constraint.jsonSchema(q(bomb)).accepts("[1,2]"));
    }
}
