package dev.lathe.decode;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A prompt's evaluation, as a flight recording has it. */
@Name("dev.lathe.Prompt")
@Label("Prompt")
@Description("The evaluation of what was new in a prompt")
@Category({"Lathe", "Generation"})
@StackTrace(false)
final class PromptEvent extends Event {
    @Label("Tokens")
    @Description("Tokens of the prompt")
    private int tokens;

    @Label("Reused Tokens")
    @Description("Of these, the ones whose keys and values were held already")
    private int reusedTokens;

    @Label("Complete")
    @Description("Whether all of it was evaluated; cancelling and limits end it before")
    private boolean complete;

    void report(int tokens, int reusedTokens, boolean complete) {
        end();
        if (shouldCommit()) {
            this.tokens = tokens;
            this.reusedTokens = reusedTokens;
            this.complete = complete;
            commit();
        }
    }
}
