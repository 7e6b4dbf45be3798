package dev.lathe.decode.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.text.json.JsonArray;
import dev.lathe.text.json.JsonLiteral;
import dev.lathe.text.json.JsonObject;
import dev.lathe.text.json.JsonString;
import dev.lathe.text.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The JSON Schema Test Suite of draft 2020-12, as its authors publish it (json-schema-test-suite/LICENSE): the files of
 * the keywords that are supported, and formats as assertions. {@code -Dlathe.schemaSuite=FOLDER} takes other files.
 */
class JsonSchemaSuiteTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("lathe.schemaSuite", "src/test/resources/json-schema-test-suite"));

    /** A schema and its instances. */
    private record Group(String name, String schema, List<Instance> instances) {}

    private record Instance(String name, JsonValue value, boolean isValid) {}

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Group> groups(Path file) throws IOException {
        List<Group> groups = new ArrayList<>();
        for (JsonValue element : ((JsonArray) JsonValue.parse(Files.readString(file))).elements()) {
            JsonObject group = (JsonObject) element;
            List<Instance> instances = new ArrayList<>();
            for (JsonValue test : ((JsonArray) group.members().get("tests")).elements()) {
                JsonObject members = (JsonObject) test;
                instances.add(new Instance(
                        text(members, "description"),
                        members.members().get("data"),
                        members.members().get("valid") == JsonLiteral.TRUE));
            }
            String name = file.getFileName() + ": " + text(group, "description");
            groups.add(new Group(name, group.members().get("schema").toJson(), instances));
        }
        return groups;
    }

    private static String text(JsonObject object, String member) {
        return ((JsonString) object.members().get(member)).text();
    }

    /** What came of a schema's instances. */
    private record Outcome(int accepted, int refused, int invalid) {
        static final Outcome NONE = new Outcome(0, 0, 0);

        Outcome plus(Outcome other) {
            return new Outcome(accepted + other.accepted, refused + other.refused, invalid + other.invalid);
        }
    }

    private static Outcome check(Group group) {
        Grammar grammar;
        try {
            grammar = Constraint.jsonSchema(group.schema());
        } catch (ConstraintException refused) {
            boolean isNamed = refused.getMessage().contains("the schema, at \"");
            boolean isFalse = refused.getMessage().contains("allows no text at all")
                    && group.instances().stream().noneMatch(Instance::isValid);
            assertTrue(isNamed || isFalse, group.name() + ": " + refused.getMessage());
            return Outcome.NONE;
        }
        Outcome outcome = Outcome.NONE;
        for (Instance instance : group.instances()) {
            boolean accepted = grammar.accepts(instance.value().toJson());
            assertTrue(
                    instance.isValid() || !accepted, group.name() + ": " + instance.name() + ": " + instance.value());
            outcome = outcome.plus(
                    !instance.isValid()
                            ? new Outcome(0, 0, 1)
                            : accepted ? new Outcome(1, 0, 0) : new Outcome(0, 1, 0));
        }
        return outcome;
    }

    /**
     * A schema is refused with its JSON pointer, or refuses all its invalid instances. Of the valid ones, those are
     * refused that docs/constraints.md says are never written: of types that the keywords do not speak of, members in
     * another order, numbers and dates in another form.
     */
    @TestFactory
    Stream<DynamicTest> noInvalidInstanceIsAccepted() throws IOException {
        return files().stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    List<Group> groups = groups(file);
                    assertFalse(groups.isEmpty());
                    groups.forEach(JsonSchemaSuiteTest::check);
                }));
    }

    @Test
    void mostValidInstancesAreAccepted() throws IOException {
        Outcome all = Outcome.NONE;
        for (Path file : files()) {
            for (Group group : groups(file)) {
                all = all.plus(check(group));
            }
        }
        assumeTrue(System.getProperty("lathe.schemaSuite") == null, () -> "other files than those counted");
        assertEquals(new Outcome(198, 102, 340), all);
    }
}
