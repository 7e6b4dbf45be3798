package dev.lathe.decode;

import java.util.List;

/**
 * Where the tokens of a generation left the model. The first token, which comes from the prompt's own pass, is not
 * counted.
 *
 * @param layerCount layers of the model
 * @param exitLayers for each token the layers that it was chosen after
 * @param evaluatedLayers layers evaluated of all rows, those completed later included
 * @param heads how often the final norm and head were computed
 */
public record ExitStatistics(int layerCount, List<Integer> exitLayers, long evaluatedLayers, long heads) {
    /** Copies the list. */
    public ExitStatistics {
        exitLayers = List.copyOf(exitLayers);
    }

    /** Mean number of layers that tokens were chosen after; the model's number if there are none. */
    public double meanExitLayer() {
        return exitLayers.stream().mapToInt(Integer::intValue).average().orElse(layerCount);
    }

    /** Layers evaluated per token, those completed later included; the model's number if there are no tokens. */
    public double layersPerToken() {
        return exitLayers.isEmpty() ? layerCount : (double) evaluatedLayers / exitLayers.size();
    }
}
