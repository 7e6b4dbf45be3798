package dev.lathe.decode.exit;

import dev.lathe.decode.sampling.Logits;
import dev.lathe.model.CacheType;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.LayeredState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * What an early exit meets at one place of a known text, at every layer probed and at the end: the same bits as in a
 * generation of that text whose skipped layers are {@linkplain SkippedLayers#COMPLETED_LATER completed later}.
 *
 * @param probes one for each layer probed
 * @param losses negative log-likelihoods of the text's next token by the distributions of these layers, and by the
 *     model's last
 * @param token the token that the whole model finds most probable
 * @param nextToken the text's next token
 */
record ExitTrace(List<ExitProbe> probes, double[] losses, int token, int nextToken) {
    /** One trace for each token of a text after its first {@code promptTokens}. */
    static List<ExitTrace> of(LayeredModel model, int[] text, int promptTokens, int... layers) {
        if (promptTokens < 1 || text.length <= promptTokens) {
            throw new IllegalArgumentException("a text of " + text.length + " tokens, the first " + promptTokens
                    + " of them prompt: expected at least one of prompt and one after it");
        }
        List<ExitTrace> traces = new ArrayList<>();
        int places = text.length - promptTokens;
        for (int place = 0; place < places; place++) {
            traces.add(new ExitTrace(new ArrayList<>(), new double[layers.length + 1], 0, text[promptTokens + place]));
        }
        try (LayeredState state = model.newState(text.length, CacheType.F32)) {
            state.append(TokenBatch.noLogits(text));
            int first = promptTokens - 1; // the row before the first place
            for (int layer = 0; layer < layers.length; layer++) {
                state.deepen(layers[layer] - 1);
                float[][] before = new float[places][];
                for (int place = 0; place < places; place++) {
                    before[place] = state.hidden(first + place);
                }
                state.deepen(layers[layer]);
                for (int place = 0; place < places; place++) {
                    traces.get(place)
                            .addProbe(state, first + place, place, places, layer, layers[layer], before[place]);
                }
            }
            state.deepen(model.layerCount());
            for (int place = 0; place < places; place++) {
                traces.set(place, traces.get(place).complete(state.logits(first + place)));
            }
        }
        return traces;
    }

    private void addProbe(LayeredState state, int row, int place, int places, int probe, int layer, float[] before) {
        float[] values = state.logits(row).row(0);
        FloatMatrix logits = new FloatMatrix(values, 1, values.length);
        losses[probe] = loss(logits);
        probes.add(new ExitProbe(
                layer,
                state.layerCount(),
                place,
                places,
                before,
                state.hidden(row),
                () -> logits,
                probe == 0 ? null : probes.get(probe - 1)));
    }

    private ExitTrace complete(FloatMatrix logits) {
        losses[losses.length - 1] = loss(logits);
        return new ExitTrace(probes, losses, Logits.argmax(logits.data(), 0, logits.columns()), nextToken);
    }

    private double loss(FloatMatrix logits) {
        return Logits.logSumExp(logits.data(), 0, logits.columns()) - logits.data()[nextToken];
    }

    /** The number of the probe that an exit leaves or gives up at; the number of probes where it does neither. */
    int leavesAt(Exit exit) {
        int probe = 0;
        while (probe < probes.size() && exit.decide(probes.get(probe)) == Exit.Decision.GO_ON) {
            probe++;
        }
        return probe;
    }

    /** The most probable token of a probe's layer; of the last layer after the last probe. */
    int tokenAt(int probe) {
        return probe == probes.size() ? token : probes.get(probe).token();
    }

    /** Layers evaluated at a probe; all of them after the last probe. */
    int layerAt(int probe) {
        return probe == probes.size()
                ? probes.getFirst().layerCount()
                : probes.get(probe).layer();
    }
}
