package dev.lathe.decode.constraint;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SchemaCacheTest {
    private static final String TEXT = "{\"type\": \"string\"}";
    private static final String NUMBER = "{\"type\": \"number\"}";

    @Test
    void aSchemaIsCompiledOnceWhileItIsUsed() {
        SchemaCache cache = new SchemaCache(2);
        Grammar text = cache.get(TEXT);
        Grammar number = cache.get(NUMBER);
        assertSame(text, cache.get(TEXT));
        cache.get("true");
        assertSame(text, cache.get(TEXT));
        assertNotSame(number, cache.get(NUMBER));
    }

    @Test
    void aSchemaThatCannotBeCompiledIsRefusedEachTime() {
        SchemaCache cache = new SchemaCache(1);
        for (int i = 0; i < 2; i++) {
            assertThrows(ConstraintException.class, () -> cache.get("{\"not\": {}}"));
        }
    }
}
