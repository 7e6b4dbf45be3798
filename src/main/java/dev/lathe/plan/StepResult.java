package dev.lathe.plan;

import dev.lathe.chat.ToolCall;
import java.util.List;

/** What became of a step. Immutable. */
public sealed interface StepResult {
    /** The step. */
    Step step();

    /** The tools that were called, in their order; of a failed step, with the call that failed. */
    List<ToolCall> calls();

    /** What came of it, or what went wrong, in words. */
    String outcome();

    /**
     * A step that was done.
     *
     * @param outcome what the tools answered, a line each, or what the actor said
     */
    record Done(Step step, List<ToolCall> calls, String outcome) implements StepResult {
        /** Copies the list. */
        public Done {
            calls = List.copyOf(calls);
        }
    }

    /**
     * A step that failed.
     *
     * @param outcome what went wrong, as the tool's exception says it
     */
    record Failed(Step step, List<ToolCall> calls, String outcome) implements StepResult {
        /** Copies the list. */
        public Failed {
            calls = List.copyOf(calls);
        }
    }
}
