package dev.lathe.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.UserMessage;
import dev.lathe.Engine;
import dev.lathe.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AiServiceTest {
    private static final Path SMOLLM2 =
            TestEngine.REPOSITORY.resolve("../shared/models/smollm2-135m-instruct-q4_1.gguf");

    record Person(String name, int age) {}

    interface Extractor {
        @UserMessage("Extract the person from: {{it}}")
        Person person(String text);
    }

    interface Assistant {
        String answer(String question);
    }

    static final class Weather {
        private final List<String> asked = new ArrayList<>();

        @Tool
        String getWeather(@P(name = "city", value = "the city") String city) {
            asked.add(city);
            return "sunny";
        }
    }

    enum Mood {
        HAPPY,
        SAD
    }

    interface Reviews {
        @UserMessage("Which mood has this review: {{it}}")
        Mood mood(String text);
    }

    @Test
    void aServiceMakesARecordOfAnAnswer() {
        var model = new LatheChatModel(TestEngine.ENGINE, TestEngine.NAME);
        Extractor extractor = AiServices.create(Extractor.class, model);
        assertEquals(new Person("Klaus", 37), extractor.person("Klaus is 37 years old"));
    }

    @Test
    void aServiceCallsATool() {
        Weather weather = new Weather();
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(new LatheChatModel(TestEngine.ENGINE, TestEngine.NAME))
                .tools(weather)
                .build();
        assertEquals("It is sunny.", assistant.answer("What is the weather in Munich?"));
        assertEquals(List.of("Munich"), weather.asked);
    }

    /** A model of 135 million weights never misses the form, because it cannot. */
    @Test
    void aSmallModelAnswersWithAConstant() throws IOException {
        assumeTrue(Files.exists(SMOLLM2), () -> SMOLLM2 + " is absent");
        try (Model model = Model.load(SMOLLM2);
                Engine engine = model.engine()) {
            var parameters =
                    LatheChatRequestParameters.builder().temperature(1.0).build();
            for (long seed = 0; seed < 3; seed++) {
                var chat = new LatheChatModel(engine, "smollm2", parameters.overrideWith(seeded(seed)), List.of());
                Mood mood = AiServices.create(Reviews.class, chat).mood("I love this lathe. Five stars!");
                assertNotNull(mood);
            }
        }
    }

    private static LatheChatRequestParameters seeded(long seed) {
        return LatheChatRequestParameters.builder().seed(seed).build();
    }
}
