package dev.lathe.decode;

import dev.lathe.decode.constraint.Constraint;
import dev.lathe.decode.constraint.TokenMask;
import dev.lathe.figures.Stopwatch;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** What a constraint cost in one generation, as a flight recording has it. The clock is read only for a recording. */
@Name("dev.lathe.Constraint")
@Label("Constraint")
@Description("What the masks of a constraint cost in one generation; told when it ends")
@Category({"Lathe", "Generation"})
@StackTrace(false)
final class ConstraintEvent extends Event {
    @Label("Masks")
    @Description(
            "How often a mask was asked for, one for each choice of a token and each draft; most are known already")
    private long masks;

    @Label("Mask Time")
    @Description("Time in which masks were computed or found")
    @Timespan
    private long maskTime;

    @Label("Longest Mask")
    @Description("The longest time for one mask")
    @Timespan
    private long longestMask;

    @Label("Complete")
    @Description("Whether the text reached an end that the constraint allows")
    private boolean complete;

    /** A state's mask, its time counted. */
    TokenMask mask(Constraint.State state) {
        if (!isEnabled()) {
            return state.mask();
        }
        long begin = Stopwatch.system().nanos();
        TokenMask mask = state.mask();
        long time = Stopwatch.system().nanos() - begin;
        masks++;
        maskTime += time;
        longestMask = Math.max(longestMask, time);
        return mask;
    }

    void report(boolean complete) {
        this.complete = complete;
        commit();
    }
}
