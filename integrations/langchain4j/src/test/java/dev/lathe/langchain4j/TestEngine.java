package dev.lathe.langchain4j;

import dev.lathe.Engine;
import dev.lathe.Model;
import dev.lathe.ScriptedModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A scripted model that knows what the kits ask. Lives as long as the tests. */
final class TestEngine {
    static final Path REPOSITORY = Path.of("../..");
    static final String NAME = "scripted";
    static final Engine ENGINE = open();

    private TestEngine() {}

    private static List<String> calls(String... calls) {
        return List.of("{\"tool_calls\": [" + String.join(", ", calls) + "]}");
    }

    private static Engine open() {
        Map<String, List<String>> script = new LinkedHashMap<>();
        String weather = "{\"name\": \"getWeather\", \"arguments\": {\"city\":\"Munich\"}}";
        String time = "{\"name\": \"getTime\", \"arguments\": {\"country\":\"France\"}}";
        String timeNow = "{\"name\": \"get_current_time\", \"arguments\": {}}";
        script.put("14:35", List.of("It is sunny in Munich, and 14:35 in France."));
        script.put("10:14", List.of("It is 10:14."));
        script.put("sunny", List.of("It is sunny.", "{\"weather\":\"sunny\"}"));
        script.put("Call tools simultaneously", calls(weather, time));
        script.put("What is the weather in Munich?", calls(weather));
        script.put("I live in Munich", calls(weather));
        script.put("What is the time now?", calls(timeNow));
        script.put("I love you", List.of("Ich liebe dich"));
        script.put("Translate", List.of("Ich liebe dich"));
        script.put("Hello World", List.of("Hello World"));
        script.put("my favorite color", List.of("Your favorite color is green"));
        script.put("capital of Germany", List.of("The capital of Germany is Berlin", "{\"city\": \"Berlin\"}"));
        script.put("Klaus is 37", List.of("He is Klaus.", "{\"name\": \"Klaus\", \"age\": 37}"));
        script.put("", List.of("Once upon a time there was a lathe that turned wood into chairs. ".repeat(60)));
        try {
            Model model = ScriptedModels.load(REPOSITORY, 2048, script);
            return model.engine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
