package dev.lathe.decode;

import java.time.Duration;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A generation from its prompt to its end, as a flight recording has it. */
@Name("dev.lathe.Generation")
@Label("Generation")
@Description("A generation from its prompt to its end, with the time in which nobody asked for a token")
@Category({"Lathe", "Generation"})
@StackTrace(false)
final class GenerationEvent extends Event {
    @Label("Strategy")
    @Description("How it was computed")
    private String strategy;

    @Label("Prompt Tokens")
    @Description("Tokens of the prompt")
    private int promptTokens;

    @Label("Reused Tokens")
    @Description("Tokens of the prompt whose keys and values were held already")
    private int reusedTokens;

    @Label("Tokens")
    @Description("Tokens delivered")
    private int tokens;

    @Label("Time To First Token")
    @Description("From the start of the prompt's evaluation until the first token was ready; 0 if there was none")
    @Timespan
    private long timeToFirstToken;

    @Label("Prompt Time")
    @Description("Time in which the prompt was evaluated, by draft models too")
    @Timespan
    private long promptTime;

    @Label("Decode Time")
    @Description("Time in which the tokens after the first were computed")
    @Timespan
    private long decodeTime;

    @Label("Finish Reason")
    @Description("Why it ended; FAILED if an exception ended it")
    private String finishReason;

    @Label("Seed")
    @Description("What the sampler's numbers came from")
    private long seed;

    void report(GenerationStatistics statistics) {
        strategy = statistics.decoding().strategy();
        promptTokens = statistics.promptTokens();
        reusedTokens = statistics.reusedPromptTokens();
        tokens = statistics.generatedTokens();
        timeToFirstToken = statistics.timeToFirstToken().orElse(Duration.ZERO).toNanos();
        promptTime = statistics.promptTime().toNanos();
        decodeTime = statistics.decodeTime().toNanos();
        finishReason = statistics.finishReason().map(Enum::name).orElse("FAILED");
        seed = statistics.seed();
        commit();
    }
}
