package dev.lathe;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A request to an engine from the queue to its end, as a flight recording has it. */
@Name("dev.lathe.EngineRequest")
@Label("Engine Request")
@Description("A request to an engine from its arrival to its end, or to its refusal")
@Category({"Lathe", "Engine"})
@StackTrace(false)
final class EngineRequestEvent extends Event {
    @Label("Prompt Tokens")
    @Description("Tokens of the prompt")
    private int promptTokens;

    @Label("Tokens")
    @Description("Tokens delivered")
    private int tokens;

    @Label("Priority")
    @Description("The request's priority")
    private int priority;

    @Label("Queue Time")
    @Description("Time until it was let in")
    @Timespan
    private long queueTime;

    @Label("Outcome")
    @Description("Why it ended; FAILED if an exception ended it, REFUSED if queue or tenant had no room")
    private String outcome;

    /** It was let in, or ended in the queue. */
    void leftQueue(long nanos) {
        queueTime = nanos;
    }

    /** It ended with a result, or with none. */
    void report(Request request, GenerationResult result) {
        end();
        if (shouldCommit()) {
            tokens = result == null ? 0 : result.stats().generatedTokens();
            tell(request, result == null ? "FAILED" : result.finishReason().name());
        }
    }

    /** It found no place in the queue. */
    void refused(Request request) {
        if (shouldCommit()) {
            tell(request, "REFUSED");
        }
    }

    private void tell(Request request, String end) {
        promptTokens = request.prompt().tokens().length;
        priority = request.all().priority();
        outcome = end;
        commit();
    }
}
