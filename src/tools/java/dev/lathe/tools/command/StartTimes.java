package dev.lathe.tools.command;

import dev.lathe.LoadReport;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * Where the time from the start of Java to the first token went, in milliseconds. File, tokenizer and weights are parts
 * of the load; the tokenizer is made while weights are packed.
 *
 * @param virtualMachine until the program began
 * @param load of the model, in all
 * @param file opening the file and reading its metadata
 * @param tokenizer the tables of the tokenizer
 * @param weights reading and packing the weights
 * @param firstToken the prompt's tokens, its pass and the first token
 * @param classes loaded by then
 */
public record StartTimes(
        double virtualMachine,
        double load,
        double file,
        double tokenizer,
        double weights,
        double firstToken,
        int classes) {
    public static StartTimes of(long programStartMillis, LoadReport load, double firstTokenMillis) {
        long start = ManagementFactory.getRuntimeMXBean().getStartTime();
        return new StartTimes(
                programStartMillis - start,
                millis(load.total()),
                millis(load.file()),
                millis(load.tokenizer()),
                millis(load.weights()),
                firstTokenMillis,
                ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }

    public static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
