package dev.lathe.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.lathe.Engine;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatheLanguageModelTest {
    @Test
    void aTextIsWhatTheLibraryGenerates() throws IOException {
        String prompt = "public static int max(int a, int b) {\n";
        var parameters = LatheChatRequestParameters.builder()
                .temperature(0.8)
                .seed(7L)
                .decoding(Decoding.speculative(Draft.ngram()))
                .maxOutputTokens(20)
                .build();
        try (Model model = Model.load(
                        TestEngine.REPOSITORY.resolve("examples/models/lathe-java-f16.gguf"), new LoadOptions(1));
                Engine engine = model.engine();
                Session session = model.newSession()) {
            var response = new LatheLanguageModel(engine, parameters).generate(prompt);
            assertEquals(
                    session.generate(prompt)
                            .sampler(Sampler.temperature(0.8f).seed(7))
                            .maxTokens(20)
                            .text(),
                    response.content());
            assertEquals(20, response.tokenUsage().outputTokenCount());
        }
    }

    @Test
    void tokensAreCountedAsThePromptHasThem() {
        Model model = TestEngine.ENGINE.model();
        var counter = new LatheTokenCountEstimator(model);
        SystemMessage system = SystemMessage.from("int i;");
        UserMessage user = UserMessage.from("int j;");
        var chat = new LatheChatModel(TestEngine.ENGINE, TestEngine.NAME);
        assertEquals(
                chat.chat(system, user).tokenUsage().inputTokenCount(),
                counter.estimateTokenCountInMessages(List.of(system, user)));
        assertTrue(counter.estimateTokenCountInText("int i;") < counter.estimateTokenCountInMessage(system));
    }

    @Test
    void whatLatheAloneHasSurvivesARequestsParameters() {
        LatheChatRequestParameters defaults = LatheChatRequestParameters.builder()
                .seed(7L)
                .minP(0.1)
                .priority(2)
                .build();
        ChatRequestParameters request =
                ChatRequestParameters.builder().temperature(0.5).build();
        LatheChatRequestParameters both = defaults.overrideWith(request);
        assertEquals(7L, both.seed());
        assertEquals(0.1, both.minP());
        assertEquals(2, both.priority());
        assertEquals(0.5, both.temperature());
        assertEquals(
                9L,
                defaults.overrideWith(
                                LatheChatRequestParameters.builder().seed(9L).build())
                        .seed());
    }

    @Test
    void aParameterOutOfItsRangeIsTheRequestsFault() {
        var wrong = ChatRequestParameters.builder().topP(2.0).build();
        var model = new LatheLanguageModel(TestEngine.ENGINE, wrong);
        assertThrows(InvalidRequestException.class, () -> model.generate("int"));
    }
}
