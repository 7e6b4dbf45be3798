package dev.lathe.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.Slow;
import java.util.List;
import org.junit.jupiter.api.Test;

@Slow
class SourceFormatTest {
    @Test
    void everySourceFileIsFormatted() throws Exception {
        assertEquals(
                List.of(), SourceFormat.misformatted(), "mvn -q test-compile exec:exec@format puts these files right");
    }

    @Test
    void parsesTheLanguageOfToday() throws Exception {
        String source =
                "class A{int a(Object o){return switch(o){case P(int x,var _) when x>1->x;default->f(_->0);};}}";
        String expected = """
                class A {
                    int a(Object o) {
                        return switch (o) {
                            case P(int x, var _) when x > 1 -> x;
                            default -> f(_ -> 0);
                        };
                    }
                }
                """;
        assertEquals(expected, SourceFormat.formatted(source));
    }
}
