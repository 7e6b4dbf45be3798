package dev.lathe.springai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.chat.ToolChoice;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.DefaultChatOptionsBuilder;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.test.options.AbstractChatOptionsTests;

/** Spring AI's own kit for options, and how options are combined. */
class LatheChatOptionsTest extends AbstractChatOptionsTests<LatheChatOptions, LatheChatOptions.Builder> {
    @Override
    protected Class<LatheChatOptions> getConcreteOptionsClass() {
        return LatheChatOptions.class;
    }

    @Override
    protected LatheChatOptions.Builder readyToBuildBuilder() {
        return LatheChatOptions.builder()
                .model("lathe")
                .frequencyPenalty(0.1)
                .maxTokens(10)
                .presencePenalty(0.2)
                .stopSequences(List.of("end"))
                .temperature(0.7)
                .topK(40)
                .topP(0.9)
                .toolContext(Map.of("user", "me"))
                .outputSchema("{\"type\": \"object\"}")
                .seed(7L)
                .minP(0.05)
                .typicalP(0.95)
                .repetitionPenalty(1.1)
                .decoding(Decoding.speculative(Draft.ngram()))
                .timeLimit(Duration.ofSeconds(5))
                .priority(1)
                .toolChoice(ToolChoice.required())
                .thinking(false);
    }

    @Test
    void eachOptionComesBackFromAMutation() {
        LatheChatOptions options = readyToBuildBuilder().build();
        LatheChatOptions other = options.mutate().build();
        assertEquals(options.toString(), other.toString());
        assertEquals(7L, other.getSeed());
        assertEquals(Duration.ofSeconds(5), other.getTimeLimit());
        assertEquals(ToolChoice.required(), other.getToolChoice());
    }

    @Test
    void optionsThatDifferInOneOfLathesOwnAreNotEqual() {
        LatheChatOptions options = readyToBuildBuilder().build();
        assertNotEquals(options, options.mutate().seed(8L).build());
        assertNotEquals(options, options.mutate().thinking(null).build());
    }

    @Test
    void whatIsSaidGoesBeforeADefault() {
        LatheChatOptions options = LatheChatOptions.builder()
                .temperature(0.5)
                .seed(1L)
                .stopSequences(List.of("a", "b"))
                .build();
        LatheChatOptions combined = options.mutate()
                .combineWith(LatheChatOptions.builder().seed(2L).topK(5).stopSequences(List.of("b", "c")))
                .build();
        assertEquals(0.5, combined.getTemperature());
        assertEquals(2L, combined.getSeed());
        assertEquals(5, combined.getTopK());
        assertEquals(List.of("a", "b", "c"), combined.getStopSequences());
        assertNull(combined.getMinP());
    }

    @Test
    void portableOptionsAreTakenOver() {
        LatheChatOptions combined = LatheChatOptions.builder()
                .seed(1L)
                .combineWith(ChatOptions.builder().maxTokens(3))
                .combineWith(ToolCallingChatOptions.builder().toolContext("user", "me"))
                .combineWith(StructuredOutputChatOptions.builder().outputSchema("{}"))
                .build();
        assertEquals(1L, combined.getSeed());
        assertEquals(3, combined.getMaxTokens());
        assertEquals(Map.of("user", "me"), combined.getToolContext());
        assertEquals("{}", combined.getOutputSchema());
    }

    @Test
    void optionsOfAnotherProviderAreRefused() {
        class Others extends DefaultChatOptionsBuilder<Others> {}

        LatheChatOptions.Builder builder = LatheChatOptions.builder();
        var refused = assertThrows(IllegalArgumentException.class, () -> builder.combineWith(new Others()));
        assertTrue(refused.getMessage().contains("expected LatheChatOptions.builder()"), refused.getMessage());
    }

    @Test
    void aCloneIsIndependent() {
        LatheChatOptions.Builder builder = LatheChatOptions.builder().seed(1L);
        LatheChatOptions.Builder clone = builder.clone().seed(2L);
        assertEquals(1L, builder.build().getSeed());
        assertEquals(2L, clone.build().getSeed());
    }
}
