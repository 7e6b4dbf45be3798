package dev.lathe.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How often each expert of a model was chosen since it was loaded, by every row of every pass: rows of drafts that were turned
 * down count too. Immutable.
 *
 * @param layers the layers that have experts
 */
public record ExpertUse(List<Layer> layers) {
    /** Copies the list. */
    public ExpertUse {
        layers = List.copyOf(layers);
    }

    /**
     * The experts of one layer.
     *
     * @param layer its number
     * @param tokens rows that the layer's router saw
     * @param chosen for each expert the rows that it computed
     * @param skipped choices that were left out: see {@link ExpertOptions#skipBelow}
     */
    public record Layer(int layer, long tokens, List<Long> chosen, long skipped) {
        /** Copies the list. */
        public Layer {
            chosen = List.copyOf(chosen);
        }

        /** The share of the rows that chose an expert; 0 if there were none. */
        public double share(int expert) {
            return tokens == 0 ? 0 : (double) chosen.get(expert) / tokens;
        }

        /** Experts that a row took on average; 0 if there were none. */
        public double expertsPerToken() {
            return tokens == 0 ? 0 : (double) computed() / tokens;
        }

        /** The experts by how often they were chosen, the most frequent first; of equal ones the first. */
        public List<Integer> mostChosenFirst() {
            return IntStream.range(0, chosen.size())
                    .boxed()
                    .sorted(Comparator.comparing((Integer expert) -> chosen.get(expert))
                            .reversed())
                    .toList();
        }

        private long computed() {
            return chosen.stream().mapToLong(Long::longValue).sum();
        }

        private Layer minus(Layer earlier) {
            List<Long> counts = new ArrayList<>();
            for (int expert = 0; expert < chosen.size(); expert++) {
                counts.add(chosen.get(expert) - earlier.chosen.get(expert));
            }
            return new Layer(layer, tokens - earlier.tokens, counts, skipped - earlier.skipped);
        }
    }

    /** Experts that a row took in a layer on average; 0 if there were no rows. */
    public double expertsPerToken() {
        return layers.stream().mapToDouble(Layer::expertsPerToken).average().orElse(0);
    }

    /**
     * What was chosen after an earlier count of the same model.
     *
     * @throws IllegalArgumentException if that is of a model with other experts
     */
    public ExpertUse since(ExpertUse earlier) {
        if (!shape().equals(earlier.shape())) {
            throw new IllegalArgumentException("the earlier count is of a model with other experts");
        }
        return new ExpertUse(IntStream.range(0, layers.size())
                .mapToObj(i -> layers.get(i).minus(earlier.layers.get(i)))
                .toList());
    }

    private List<List<Integer>> shape() {
        return layers.stream()
                .map(layer -> List.of(layer.layer(), layer.chosen().size()))
                .toList();
    }

    /** A line for each layer: its rows, and how often the most and the least frequent experts were chosen. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Layer layer : layers) {
            List<Integer> order = layer.mostChosenFirst();
            int most = order.getFirst();
            int least = order.getLast();
            text.append(String.format(
                    Locale.ROOT,
                    "layer %d: %d rows, %.2f experts each; expert %d in %.1f%%, expert %d in %.1f%%%n",
                    layer.layer(),
                    layer.tokens(),
                    layer.expertsPerToken(),
                    most,
                    100 * layer.share(most),
                    least,
                    100 * layer.share(least)));
        }
        return text.toString();
    }
}
