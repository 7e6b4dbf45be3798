package dev.lathe.lab.judge;

/**
 * A verdict with what there is to say.
 *
 * @param verdict what came of the program
 * @param message why it failed; empty if it passed
 * @param output what it printed, cut off at the limit of {@link JudgeLimits#outputBytes}
 * @param nanos time from sending the program until the verdict, compiling included
 */
public record Judgement(Verdict verdict, String message, String output, long nanos) {
    /** Whether the program ran to its end. */
    public boolean passed() {
        return verdict == Verdict.PASSED;
    }
}
