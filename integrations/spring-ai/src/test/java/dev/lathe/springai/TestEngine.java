package dev.lathe.springai;

import dev.lathe.Engine;
import dev.lathe.ScriptedModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A scripted model that knows what the tests and kits ask. Lives as long as the tests. */
final class TestEngine {
    static final Path REPOSITORY = Path.of("../..");
    static final String NAME = "scripted";
    static final String STORY = "Once upon a time there was a lathe that turned wood into chairs. ".repeat(20);
    static final Engine ENGINE = open(() -> {});

    private TestEngine() {}

    /** An engine whose passes wait for something. */
    static Engine open(Runnable beforePass) {
        Map<String, List<String>> script = new LinkedHashMap<>();
        script.put("limit", List.of("The limit of calls is reached."));
        script.put("Result of getCurrentWeather", List.of("30 in San Francisco, 10 in Tokyo, 15 in Paris"));
        script.put("San Francisco, Tokyo, and Paris", List.of(calls("San Francisco", "Tokyo", "Paris")));
        script.put("weather like in Tokyo", List.of(calls("Tokyo")));
        script.put("weather in Tokyo", List.of(calls("Tokyo")));
        script.put("capital of Germany", List.of("It is Berlin.", "{\"city\":\"Berlin\"}"));
        script.put("Klaus is 37", List.of("He is Klaus.", "{\"age\":37,\"name\":\"Klaus\"}"));
        script.put("", List.of(STORY));
        try {
            return ScriptedModels.load(REPOSITORY, 2048, script, beforePass).engine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String calls(String... cities) {
        String format =
                "{\"name\": \"getCurrentWeather\", \"arguments\": {\"lat\":1,\"location\":\"%s\",\"lon\":2,\"unit\":\"C\"}}";
        return "{\"tool_calls\": ["
                + String.join(
                        ", ", List.of(cities).stream().map(format::formatted).toList()) + "]}";
    }
}
