package dev.lathe.decode;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Each step of a sampler written down as its definition reads, on lists. */
final class NaiveSampler {
    record Entry(int token, double logit) {}

    private NaiveSampler() {}

    static List<Entry> all(float[] logits) {
        List<Entry> entries = new ArrayList<>();
        for (int token = 0; token < logits.length; token++) {
            if (logits[token] != Float.NEGATIVE_INFINITY) {
                entries.add(new Entry(token, logits[token] + 0.0));
            }
        }
        return entries;
    }

    static double probability(List<Entry> entries, Entry entry, double temperature) {
        double maximum = entries.stream().mapToDouble(Entry::logit).max().orElseThrow();
        double total = entries.stream()
                .mapToDouble(e -> Math.exp((e.logit - maximum) / temperature))
                .sum();
        return Math.exp((entry.logit - maximum) / temperature) / total;
    }

    static List<Entry> byLogit(List<Entry> entries) {
        return entries.stream()
                .sorted(Comparator.comparingDouble(Entry::logit).reversed().thenComparingInt(Entry::token))
                .toList();
    }

    static List<Entry> topK(List<Entry> entries, int k) {
        return byLogit(entries).subList(0, Math.min(k, entries.size()));
    }

    static List<Entry> shortestPrefix(List<Entry> ordered, double share) {
        double mass = 0;
        for (int i = 0; i < ordered.size(); i++) {
            mass += probability(ordered, ordered.get(i), 1);
            if (mass >= share - 1e-12) {
                return ordered.subList(0, i + 1);
            }
        }
        return ordered;
    }

    static List<Entry> topP(List<Entry> entries, double share) {
        return shortestPrefix(byLogit(entries), share);
    }

    static List<Entry> typical(List<Entry> entries, double share) {
        double entropy = entries.stream()
                .mapToDouble(e -> probability(entries, e, 1))
                .map(p -> p == 0 ? 0 : -p * Math.log(p))
                .sum();
        return shortestPrefix(
                entries.stream()
                        .sorted(Comparator.<Entry>comparingDouble(
                                        e -> (float) Math.abs(-Math.log(probability(entries, e, 1)) - entropy))
                                .thenComparingInt(Entry::token))
                        .toList(),
                share);
    }

    static List<Entry> minP(List<Entry> entries, double share) {
        double most = entries.stream()
                .mapToDouble(e -> probability(entries, e, 1))
                .max()
                .orElseThrow();
        return entries.stream()
                .filter(e -> probability(entries, e, 1) >= share * most)
                .toList();
    }

    static float[] penalize(float[] logits, int[] recent, float repetition, float frequency, float presence) {
        float[] changed = logits.clone();
        for (int token = 0; token < logits.length; token++) {
            int count = 0;
            for (int earlier : recent) {
                count += earlier == token ? 1 : 0;
            }
            if (count > 0) {
                changed[token] = changed[token] > 0 ? changed[token] / repetition : changed[token] * repetition;
                changed[token] = changed[token] - count * frequency - presence;
            }
        }
        return changed;
    }
}
