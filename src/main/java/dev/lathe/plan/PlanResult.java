package dev.lathe.plan;

import java.util.List;

/**
 * What became of a request. Immutable.
 *
 * @param end how it ended
 * @param plans the steps that were planned, first and after each failure
 * @param steps what became of those that were begun, in their order
 */
public record PlanResult(End end, List<List<Step>> plans, List<StepResult> steps) {
    /** How a request ended. */
    public enum End {
        /** All steps of the last plan are done. */
        DONE,
        /** A step failed, and no further plan was allowed. */
        FAILED,
        /** The planner's answer was no plan, as when it was cut off. */
        UNPLANNED,
        /** It was cancelled; a step under way is not among the steps, though some of its calls may have been made. */
        CANCELLED
    }

    /** Copies the lists. */
    public PlanResult {
        plans = plans.stream().map(List::copyOf).toList();
        steps = List.copyOf(steps);
    }

    /** What the last step came to; empty without steps. */
    public String outcome() {
        return steps.isEmpty() ? "" : steps.getLast().outcome();
    }
}
