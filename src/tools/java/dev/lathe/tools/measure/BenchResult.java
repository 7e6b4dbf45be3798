package dev.lathe.tools.measure;

import dev.lathe.figures.Summary;
import dev.lathe.tools.command.Program;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One measurement of {@link Bench}; peak memory is that of the process until then, 0 where unknown. */
record BenchResult(
        String model,
        String type,
        String test,
        int threads,
        double tokensPerSecond,
        double spread,
        long peakBytes,
        String kernel) {
    private static final Pattern SAMPLES = Pattern.compile("\"samples_ts\": *\\[([^]]*)]");

    /** The median of some repetitions, and half the distance from the slowest to the fastest. */
    static BenchResult of(
            String model, String type, String test, int threads, double[] speeds, long peakBytes, String kernel) {
        Summary all = Summary.of(speeds);
        double spread = (all.most() - all.least()) / 2;
        return new BenchResult(model, type, test, threads, all.median(), spread, peakBytes, kernel);
    }

    /** Reads back {@link #line()}. */
    static BenchResult parse(String line) {
        String[] part = line.split("\t", -1);
        return new BenchResult(
                part[0],
                part[1],
                part[2],
                Integer.parseInt(part[3]),
                Double.parseDouble(part[4]),
                Double.parseDouble(part[5]),
                Long.parseLong(part[6]),
                part[7]);
    }

    /** Reads a line of {@code llama-bench -o jsonl}. */
    static BenchResult parseLlamaBench(String line, String model, String type) {
        int prompt = (int) number(line, "n_prompt");
        int generated = (int) number(line, "n_gen");
        Matcher samples = SAMPLES.matcher(line);
        if (!samples.find()) {
            throw new Program.FailureException("llama-bench printed no samples_ts; take a version that has -o jsonl");
        }
        double[] speeds = Arrays.stream(samples.group(1).split(","))
                .mapToDouble(Double::parseDouble)
                .toArray();
        int depth = (int) number(line, "n_depth");
        String test = (prompt > 0 ? "pp" + prompt : "tg" + generated) + (depth > 0 ? " @ d" + depth : "");
        return of(model, type, test, (int) number(line, "n_threads"), speeds, 0, "llama.cpp");
    }

    private static double number(String line, String key) {
        Matcher value = Pattern.compile("\"" + key + "\": *\"?([-0-9.e+]+)").matcher(line);
        if (!value.find()) {
            throw new Program.FailureException("llama-bench printed no " + key + "; take a version that has -o jsonl");
        }
        return Double.parseDouble(value.group(1));
    }

    String line() {
        return String.join(
                "\t",
                List.of(
                        model,
                        type,
                        test,
                        Integer.toString(threads),
                        Double.toString(tokensPerSecond),
                        Double.toString(spread),
                        Long.toString(peakBytes),
                        kernel));
    }
}
