package dev.lathe.springai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Engine;
import dev.lathe.Model;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.model.ContextFullException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.util.MimeTypeUtils;
import reactor.test.StepVerifier;

class LatheChatModelTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final LatheChatModel model =
            LatheChatModel.builder(TestEngine.ENGINE, TestEngine.NAME).build();

    record City(String city) {}

    record Person(String name, int age) {}

    @Test
    void anAnswerHasTextReasonAndUsage() {
        ChatResponse response = model.call(new Prompt("What is the capital of Germany?"));
        assertEquals("It is Berlin.", response.getResult().getOutput().getText());
        assertEquals("stop", response.getResult().getMetadata().getFinishReason());
        assertEquals(TestEngine.NAME, response.getMetadata().getModel());
        assertTrue(response.getMetadata().getId().startsWith("lathe-"));
        Usage usage = response.getMetadata().getUsage();
        GenerationStatistics statistics = (GenerationStatistics) usage.getNativeUsage();
        assertEquals(statistics.promptTokens(), usage.getPromptTokens());
        assertEquals(statistics.generatedTokens(), usage.getCompletionTokens());
        assertEquals(usage.getPromptTokens() + usage.getCompletionTokens(), usage.getTotalTokens());
        assertEquals((long) statistics.reusedPromptTokens(), usage.getCacheReadInputTokens());
    }

    @Test
    void portableOptionsAreLaidOverTheModels() {
        LatheChatModel limited = LatheChatModel.builder(TestEngine.ENGINE, TestEngine.NAME)
                .options(LatheChatOptions.builder()
                        .maxTokens(20)
                        .stopSequences(List.of("upon"))
                        .build())
                .build();
        assertEquals("Once ", limited.call("Tell a story"));
        ChatResponse response = limited.call(new Prompt(
                "Tell a story", ChatOptions.builder().temperature(1.0).build()));
        assertEquals("Once ", response.getResult().getOutput().getText());
        ChatResponse own = limited.call(new Prompt(
                "Tell a story", LatheChatOptions.builder().maxTokens(4).build()));
        assertEquals(4, own.getMetadata().getUsage().getCompletionTokens());
        assertEquals("length", own.getResult().getMetadata().getFinishReason());
    }

    @Test
    void aTimeThatIsOverEndsTheAnswer() {
        Prompt prompt = new Prompt(
                "Tell a story",
                LatheChatOptions.builder().timeLimit(Duration.ofNanos(1)).build());
        assertEquals("time_limit", model.call(prompt).getResult().getMetadata().getFinishReason());
    }

    @Test
    void whatLatheLacksIsRefused() {
        Prompt other = new Prompt("x", ChatOptions.builder().model("gpt").build());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> model.call(other))
                .getMessage()
                .contains("expected \"scripted\""));
        StepVerifier.create(model.stream(other))
                .expectError(IllegalArgumentException.class)
                .verify(LONG);
        Message image = UserMessage.builder()
                .text("What is this?")
                .media(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("http://localhost/image.png")))
                .build();
        assertThrows(UnsupportedOperationException.class, () -> model.call(new Prompt(image)));
        Prompt negative = new Prompt("x", LatheChatOptions.builder().minP(-1.0).build());
        assertThrows(IllegalArgumentException.class, () -> model.call(negative));
        StepVerifier.create(model.stream(negative))
                .expectError(IllegalArgumentException.class)
                .verify(LONG);
        assertThrows(ContextFullException.class, () -> model.call(new Prompt("much ".repeat(3000))));
    }

    @Test
    void aModelWithoutATemplateIsRefused() throws Exception {
        Path file = TestEngine.REPOSITORY.resolve("examples/models/lathe-java-f16.gguf");
        try (Model plain = Model.load(file);
                Engine engine = plain.engine()) {
            var builder = LatheChatModel.builder(engine, "java");
            assertThrows(IllegalStateException.class, builder::build);
        }
    }

    @Test
    void aTextFollowsItsSchema() {
        String schema = """
                {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}}""";
        ChatResponse response = model.call(new Prompt(
                "What is the capital of Germany?",
                StructuredOutputChatOptions.builder().outputSchema(schema).build()));
        assertEquals("{\"city\":\"Berlin\"}", response.getResult().getOutput().getText());
        assertThrows(
                IllegalArgumentException.class,
                () -> model.call(new Prompt(
                        "x",
                        LatheChatOptions.builder().outputSchema("{\"not\": {}}").build())));
    }

    @Test
    void aClientMakesARecordOfAnAnswer() {
        ChatClient client = ChatClient.create(model);
        assertEquals(
                new Person("Klaus", 37),
                client.prompt("Klaus is 37 years old")
                        .call()
                        .entity(Person.class, ChatClient.EntityParamSpec::useProviderStructuredOutput));
    }

    @Test
    void aStreamHasTheTextInItsOrderAndEndsWithUsage() {
        List<ChatResponse> responses =
                model.stream(new Prompt("Tell a story")).collectList().block(LONG);
        StringBuilder text = new StringBuilder();
        for (ChatResponse response : responses) {
            text.append(response.getResult().getOutput().getText());
            assertEquals(
                    responses.getFirst().getMetadata().getId(),
                    response.getMetadata().getId());
        }
        assertEquals(TestEngine.STORY, text.toString());
        assertTrue(responses.size() > 100, responses.size() + " responses");
        assertNull(responses.getFirst().getResult().getMetadata().getFinishReason());
        ChatResponse last = responses.getLast();
        assertEquals("stop", last.getResult().getMetadata().getFinishReason());
        assertEquals(
                model.call(new Prompt("Tell a story")).getMetadata().getUsage().getCompletionTokens(),
                last.getMetadata().getUsage().getCompletionTokens());
    }

    @Test
    void eachSubscriptionIsARequestOfItsOwn() {
        long before = TestEngine.ENGINE.statistics().ended();
        var flux = model.stream("What is the capital of Germany?");
        assertEquals(before, TestEngine.ENGINE.statistics().ended());
        assertEquals(flux.collectList().block(LONG), flux.collectList().block(LONG));
        assertEquals(before + 2, TestEngine.ENGINE.statistics().ended());
    }

    @Test
    void aSubscriptionThatIsCancelledCancelsItsRequest() throws Exception {
        Semaphore passes = new Semaphore(3);
        try (Engine engine = TestEngine.open(passes::acquireUninterruptibly)) {
            LatheChatModel slow =
                    LatheChatModel.builder(engine, TestEngine.NAME).build();
            StepVerifier.create(slow.stream(new Prompt("Tell a story")))
                    .expectNextCount(2)
                    .thenCancel()
                    .verify(LONG);
            passes.release(100_000);
            engine.drain();
            assertEquals(1, engine.statistics().cancelled());
        }
    }

    @Test
    void anInterruptedCallerCancelsItsRequest() throws Exception {
        Semaphore passes = new Semaphore(0);
        try (Engine engine = TestEngine.open(passes::acquireUninterruptibly)) {
            LatheChatModel slow =
                    LatheChatModel.builder(engine, TestEngine.NAME).build();
            Thread caller = Thread.ofVirtual()
                    .start(() -> assertThrows(
                            java.util.concurrent.CancellationException.class, () -> slow.call("Tell a story")));
            while (engine.statistics().running() == 0) {
                Thread.onSpinWait();
            }
            caller.interrupt();
            caller.join();
            passes.release(100_000);
            engine.drain();
            assertEquals(1, engine.statistics().cancelled());
        }
    }
}
