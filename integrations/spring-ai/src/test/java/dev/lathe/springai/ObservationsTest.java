package dev.lathe.springai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Engine;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.observation.ChatModelMeterObservationHandler;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.test.StepVerifier;

/** What Spring AI's observations and meters are told. */
class ObservationsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final TestObservationRegistry registry = TestObservationRegistry.create();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Prompt prompt = new Prompt("What is the capital of Germany?");
    private final LatheChatModel model = model(TestEngine.ENGINE);

    private LatheChatModel model(Engine engine) {
        registry.observationConfig().observationHandler(new ChatModelMeterObservationHandler(meters));
        return LatheChatModel.builder(engine, TestEngine.NAME)
                .options(LatheChatOptions.builder().maxTokens(50).build())
                .observationRegistry(registry)
                .build();
    }

    private double tokens(String type) {
        return meters.get("gen_ai.client.token.usage")
                .tag("gen_ai.token.type", type)
                .tag("gen_ai.response.model", TestEngine.NAME)
                .counter()
                .count();
    }

    private TestObservationRegistryAssert.TestObservationRegistryAssertReturningObservationContextAssert one() {
        return TestObservationRegistryAssert.assertThat(registry).hasSingleObservationThat();
    }

    @Test
    void aCallIsObserved() {
        var usage = model.call(prompt).getMetadata().getUsage();
        one().hasNameEqualTo("gen_ai.client.operation")
                .hasContextualNameEqualTo("chat scripted")
                .hasLowCardinalityKeyValue("gen_ai.system", "lathe")
                .hasLowCardinalityKeyValue("gen_ai.request.model", TestEngine.NAME)
                .hasHighCardinalityKeyValue("gen_ai.request.max_tokens", "50")
                .hasHighCardinalityKeyValue("gen_ai.response.finish_reasons", "[\"stop\"]")
                .hasBeenStarted()
                .hasBeenStopped();
        assertEquals((double) usage.getPromptTokens(), tokens("input"));
        assertEquals((double) usage.getCompletionTokens(), tokens("output"));
    }

    @Test
    void aStreamIsObservedToItsEnd() {
        var last = model.stream(prompt).blockLast(LONG);
        one().hasLowCardinalityKeyValue("gen_ai.response.model", TestEngine.NAME)
                .hasHighCardinalityKeyValue("gen_ai.response.finish_reasons", "[\"stop\"]")
                .hasBeenStopped();
        assertEquals((double) last.getMetadata().getUsage().getCompletionTokens(), tokens("output"));
    }

    @Test
    void aFailureIsObserved() {
        Prompt wrong = new Prompt("x", LatheChatOptions.builder().topP(2.0).build());
        assertThrows(IllegalArgumentException.class, () -> model.call(wrong));
        one().hasError().hasBeenStopped();
        registry.clear();
        StepVerifier.create(model.stream(wrong))
                .expectError(IllegalArgumentException.class)
                .verify(LONG);
        one().hasError().hasBeenStopped();
    }

    @Test
    void whatACancelledStreamGeneratedIsCounted() {
        Semaphore passes = new Semaphore(3);
        try (Engine engine = TestEngine.open(passes::acquireUninterruptibly)) {
            StepVerifier.create(model(engine).stream(new Prompt("Tell a story")))
                    .expectNextCount(2)
                    .thenCancel()
                    .verify(LONG);
            passes.release(100_000);
            engine.drain();
            while (meters.find("gen_ai.client.token.usage").counter() == null) {
                Thread.onSpinWait();
            }
            one().hasHighCardinalityKeyValue("gen_ai.response.finish_reasons", "[\"cancelled\"]");
            assertTrue(tokens("output") >= 2 && tokens("output") < 10, tokens("output") + " tokens");
        }
    }
}
