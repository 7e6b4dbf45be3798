package dev.lathe.lab.scale;

import dev.lathe.figures.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Makes a corpus to calibrate with from texts: steps that filter, drop near duplicates, and mix, and a report of what
 * each left. Immutable; every method returns a pipeline with one step more done.
 *
 * <p>After Chen et al.: Data-Juicer, 2023, arXiv:2309.02033.
 *
 * @param texts what is left
 * @param report a row a step
 */
public record TextPipeline(List<String> texts, Table report) {
    private static final MinHash SKETCHES = new MinHash(64, 5);

    /** Copies the list. */
    public TextPipeline {
        texts = List.copyOf(texts);
    }

    /** A pipeline of these texts. */
    public static TextPipeline of(List<String> texts) {
        return new TextPipeline(
                texts, Table.of("step", "texts", "characters").row("given", texts.size(), characters(texts)));
    }

    /** Keeps the texts that pass. */
    public TextPipeline keep(String name, Predicate<String> filter) {
        return then(name, texts.stream().filter(filter).toList());
    }

    /** Keeps texts of these lengths in characters. */
    public TextPipeline keepLengths(int least, int most) {
        return keep("lengths " + least + " to " + most, text -> text.length() >= least && text.length() <= most);
    }

    /**
     * Keeps texts in which no single line makes more than a share of the lines, as tables of numbers and generated
     * code do.
     */
    public TextPipeline dropRepetitive(double share) {
        return keep("no line above " + percent(share), text -> {
            List<String> lines = text.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            long most = lines.stream()
                    .distinct()
                    .mapToLong(line -> Collections.frequency(lines, line))
                    .max()
                    .orElse(0);
            return lines.size() < 4 || most <= share * lines.size();
        });
    }

    /**
     * Drops each text that is similar to an earlier one.
     *
     * @param similarity share of runs of five words in common from which two texts are duplicates, such as 0.7
     */
    public TextPipeline dropDuplicates(double similarity) {
        List<String> kept = new ArrayList<>();
        List<long[]> sketches = new ArrayList<>();
        for (String text : texts) {
            long[] sketch = SKETCHES.sketch(text);
            if (sketches.stream().noneMatch(earlier -> MinHash.similarity(sketch, earlier) >= similarity)) {
                kept.add(text);
                sketches.add(sketch);
            }
        }
        return then("duplicates from " + percent(similarity), kept);
    }

    /** Takes at most so many texts, drawn without replacement; the same of the same texts and seed. */
    public TextPipeline sample(int most, long seed) {
        List<String> shuffled = new ArrayList<>(texts);
        Collections.shuffle(shuffled, new Random(seed));
        return then("sample " + most, shuffled.subList(0, Math.min(most, shuffled.size())));
    }

    /** Mixes with another pipeline's texts, drawn so that they make a share of the whole, as many as that allows. */
    public TextPipeline mix(TextPipeline other, double share, long seed) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("share " + share + ": expected above 0 and below 1");
        }
        int all = (int) Math.min(texts.size() / (1 - share), other.texts.size() / share);
        int theirs = (int) Math.round(all * share);
        List<String> mixed = new ArrayList<>(sample(all - theirs, seed).texts);
        mixed.addAll(other.sample(theirs, seed).texts);
        Collections.shuffle(mixed, new Random(seed));
        return then("mixed with " + percent(share), mixed);
    }

    /**
     * Keeps these texts, such as the examples of {@link Prototypes}.
     *
     * @param indices of texts, in any order, each once
     */
    public TextPipeline choose(String name, List<Integer> indices) {
        return then(name, indices.stream().map(texts::get).toList());
    }

    private TextPipeline then(String step, List<String> left) {
        return new TextPipeline(left, report.row(step, left.size(), characters(left)));
    }

    private static String percent(double share) {
        return Math.round(100 * share) + "%";
    }

    private static long characters(List<String> texts) {
        return texts.stream().mapToLong(String::length).sum();
    }
}
