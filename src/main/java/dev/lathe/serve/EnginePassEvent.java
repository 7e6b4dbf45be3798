package dev.lathe.serve;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A pass of the model for several texts, as a flight recording has it. */
@Name("dev.lathe.EnginePass")
@Label("Engine Pass")
@Description("A pass of the model for all texts that waited for one")
@Category({"Lathe", "Engine"})
@StackTrace(false)
final class EnginePassEvent extends Event {
    @Label("Texts")
    @Description("Texts in the pass")
    private int texts;

    @Label("Rows")
    @Description("Rows evaluated")
    private int rows;

    @Label("Prompt Rows")
    @Description("Of these, the rows of prompts")
    private int promptRows;

    @Label("Waiting Texts")
    @Description("Requests for a pass that were left for the next one")
    private int waitingTexts;

    void report(int texts, int rows, int promptRows, int waitingTexts) {
        end();
        if (shouldCommit()) {
            this.texts = texts;
            this.rows = rows;
            this.promptRows = promptRows;
            this.waitingTexts = waitingTexts;
            commit();
        }
    }
}
