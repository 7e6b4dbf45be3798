package dev.lathe.tools.measure;

import dev.lathe.figures.Summary;
import dev.lathe.tools.command.Program;
import dev.lathe.tools.command.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Programs that measure speed, one after the other in rounds, every other round in reverse order, so that a machine
 * whose speed drifts treats them alike.
 */
final class BenchRounds {
    /**
     * A process that measures.
     *
     * @param model name of the file
     * @param type what most of its bytes are
     * @param isPeer whether others on the same file are compared with it
     */
    record Contender(String model, String type, boolean isPeer, List<String> command) {}

    /** The median of all rounds; relative to the peer's speed on the same file, or to that of the first file. */
    record Row(
            String model,
            String type,
            String test,
            int threads,
            double tokensPerSecond,
            double spread,
            long peakBytes,
            String kernel,
            double relative) {
        List<String> cells() {
            return List.of(
                    model,
                    type,
                    test,
                    Integer.toString(threads),
                    String.format(Locale.ROOT, "%.2f ± %.2f", tokensPerSecond, spread),
                    String.format(Locale.ROOT, "%.0f", peakBytes / 1e6),
                    kernel,
                    String.format(Locale.ROOT, "%.2f", relative));
        }
    }

    private final Terminal terminal;
    private final int count;

    BenchRounds(Terminal terminal, int count) {
        this.terminal = terminal;
        this.count = count;
    }

    /** Runs contenders of one number of threads; a row for each and each of their tests. */
    List<Row> run(List<Contender> contenders) throws IOException {
        List<Map<String, List<BenchResult>>> results = new ArrayList<>(); // by test, one a round
        contenders.forEach(contender -> results.add(new LinkedHashMap<>()));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < contenders.size(); i++) {
            order.add(i);
        }
        for (int round = 0; round < count; round++) {
            for (int i : order) {
                Contender contender = contenders.get(i);
                terminal.progress(
                        "round " + (round + 1) + " of " + count, order.indexOf(i), order.size(), contender.model);
                for (BenchResult result : measure(contender)) {
                    results.get(i)
                            .computeIfAbsent(result.test(), test -> new ArrayList<>())
                            .add(result);
                }
            }
            Collections.reverse(order);
        }
        terminal.progress("round", 1, 1, "");
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < contenders.size(); i++) {
            Map<String, List<BenchResult>> reference = results.get(reference(contenders, i));
            results.get(i).forEach((test, rounds) -> rows.add(row(rounds, reference.get(test))));
        }
        return rows;
    }

    private static int reference(List<Contender> contenders, int index) {
        String model = contenders.get(index).model;
        for (int i = 0; i < contenders.size(); i++) {
            if (contenders.get(i).isPeer && contenders.get(i).model.equals(model)) {
                return i;
            }
        }
        return 0;
    }

    private static Row row(List<BenchResult> rounds, List<BenchResult> reference) {
        BenchResult first = rounds.getFirst();
        double[] speeds =
                rounds.stream().mapToDouble(BenchResult::tokensPerSecond).toArray();
        double[] ratios = new double[speeds.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = speeds[i] / reference.get(i).tokensPerSecond();
        }
        BenchResult all = BenchResult.of(first.model(), first.type(), first.test(), first.threads(), speeds, 0, "");
        return new Row(
                first.model(),
                first.type(),
                first.test(),
                first.threads(),
                all.tokensPerSecond(),
                rounds.size() == 1 ? first.spread() : all.spread(),
                rounds.stream().mapToLong(BenchResult::peakBytes).max().orElse(0),
                first.kernel(),
                Summary.of(ratios).median());
    }

    /** Runs a process that prints results, line by line. */
    private static List<BenchResult> measure(Contender contender) throws IOException {
        List<BenchResult> results = new ArrayList<>();
        Process process = new ProcessBuilder(contender.command)
                .redirectError(contender.isPeer ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(line -> {
                if (line.startsWith("{")) {
                    results.add(BenchResult.parseLlamaBench(line, contender.model, contender.type));
                } else if (line.contains("\t")) {
                    results.add(BenchResult.parse(line));
                }
            });
            if (process.waitFor() != 0) {
                throw new Program.FailureException("a measurement ended with exit code " + process.exitValue()
                        + "; run it alone: " + String.join(" ", contender.command));
            }
        } catch (InterruptedException e) {
            throw new Program.FailureException("interrupted while measuring");
        } finally {
            process.destroy();
        }
        return results;
    }
}
