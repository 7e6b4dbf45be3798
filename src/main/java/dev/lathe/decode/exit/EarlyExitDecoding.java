package dev.lathe.decode.exit;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.DecodingContext;
import dev.lathe.decode.DecodingStatistics;
import dev.lathe.decode.Draft;
import dev.lathe.decode.ExitStatistics;
import dev.lathe.decode.Sampler;
import dev.lathe.model.LanguageModel;
import dev.lathe.model.LayeredModel;
import dev.lathe.model.LayeredState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Early exit: after some layers an {@link Exit} decides whether the next token is chosen there, from the model's final
 * norm and head of the residual stream as it is (Schuster et al.: Confident Adaptive Language Modeling, 2022,
 * arXiv:2207.07061).
 *
 * <p>Not exact: tokens that leave early follow another distribution than the model's, and so do their
 * log-probabilities. The prompt and the first token use all layers. For the exact text from the same idea, let the
 * first layers {@linkplain Draft#firstLayers draft}.
 *
 * <p>Immutable and thread-safe; each method returns a changed strategy.
 */
public final class EarlyExitDecoding implements Decoding {
    private final Exit exit;
    private final int[] layers; // none: a quarter, a half and three quarters of the model
    private final SkippedLayers skippedLayers;

    private EarlyExitDecoding(Exit exit, int[] layers, SkippedLayers skippedLayers) {
        this.exit = Objects.requireNonNull(exit, "exit");
        this.layers = layers;
        this.skippedLayers = Objects.requireNonNull(skippedLayers, "skippedLayers");
    }

    /** Tokens that leave where this exit says so. */
    public static EarlyExitDecoding of(Exit exit) {
        return new EarlyExitDecoding(exit, new int[0], SkippedLayers.COMPLETED_LATER);
    }

    /**
     * After how many layers the exit is asked; a quarter, a half and three quarters of the model's unless given. Few
     * are better where the exit needs the head.
     *
     * @param probed ascending, from 1 to one less than the model has
     */
    public EarlyExitDecoding layers(int... probed) {
        if (probed.length == 0 || probed[0] < 1 || !ascending(probed)) {
            throw new IllegalArgumentException(
                    "layers are " + Arrays.toString(probed) + ": expected at least one, ascending, from 1 on");
        }
        return new EarlyExitDecoding(exit, probed.clone(), skippedLayers);
    }

    /** Where keys and values of skipped layers come from; {@link SkippedLayers#COMPLETED_LATER} unless given. */
    public EarlyExitDecoding skippedLayers(SkippedLayers choice) {
        return new EarlyExitDecoding(exit, layers, choice);
    }

    private static boolean ascending(int... values) {
        return IntStream.range(1, values.length).allMatch(i -> values[i - 1] < values[i]);
    }

    /** The layers probed in a model of so many. */
    private int[] probed(int layerCount) {
        return layers.length > 0
                ? layers
                : IntStream.of(layerCount / 4, layerCount / 2, 3 * layerCount / 4)
                        .filter(layer -> layer > 0 && layer < layerCount)
                        .distinct()
                        .toArray();
    }

    @Override
    public String name() {
        return "early exit";
    }

    @Override
    public void check(LanguageModel model, Sampler sampler) {
        if (!(model instanceof LayeredModel layered)) {
            throw new IllegalArgumentException("early exit needs a model that can be evaluated layer by layer; this one"
                    + " cannot, decode it autoregressively");
        }
        if (!layered.sharesBasis()) {
            throw new IllegalArgumentException(
                    "early exit cannot read a sliced model's rows before its last layer: each layer"
                            + " has a basis of its own; decode it by another strategy");
        }
        if (layers.length > 0 && layers[layers.length - 1] >= layered.layerCount()) {
            throw new IllegalArgumentException("early exit after layer " + layers[layers.length - 1]
                    + ": expected less than the model's " + layered.layerCount() + " layers");
        }
    }

    @Override
    public Decoding.Run start(DecodingContext context) {
        return new Run(context, (LayeredState) context.state());
    }

    @Override
    public String toString() {
        return name() + "[layers=" + Arrays.toString(layers) + ", " + skippedLayers + "]";
    }

    private final class Run implements Decoding.Run {
        private final DecodingContext context;
        private final LayeredState state;
        private final int[] probed;
        private final List<Integer> exitLayers = new ArrayList<>();
        private int exactLength = Integer.MAX_VALUE; // positions with keys and values of plain evaluation
        private long evaluatedLayers;
        private long heads;

        Run(DecodingContext context, LayeredState state) {
            this.context = context;
            this.state = state;
            probed = probed(state.layerCount());
        }

        @Override
        public void step() {
            state.append(TokenBatch.noLogits(context.pendingToken()));
            int row = state.openRows() - 1;
            int layersBefore = openLayers();
            ExitProbe probe = null;
            Exit.Decision decision = Exit.Decision.GO_ON;
            for (int i = 0; i < probed.length && decision == Exit.Decision.GO_ON; i++) {
                probe = probe(row, probed[i], probe);
                decision = exit.decide(probe);
            }
            if (decision == Exit.Decision.GIVE_UP) {
                context.giveUp();
            }
            boolean left = decision != Exit.Decision.GO_ON;
            if (left) {
                context.commit(probe.logits(), 0);
                exitLayers.add(probe.layer());
            } else {
                state.deepen(state.layerCount());
                context.commit(head(row), 0);
                exitLayers.add(state.layerCount());
            }
            evaluatedLayers += openLayers() - layersBefore;
            if (left && skippedLayers == SkippedLayers.PROPAGATED) {
                exactLength = Math.min(exactLength, state.length() - 1);
                state.propagate();
            }
        }

        private FloatMatrix head(int row) {
            heads++;
            return state.logits(row);
        }

        private int openLayers() {
            return IntStream.range(0, state.openRows()).map(state::depth).sum();
        }

        private ExitProbe probe(int row, int layer, ExitProbe previous) {
            state.deepen(layer - 1);
            float[] before = state.hidden(row);
            state.deepen(layer);
            return new ExitProbe(
                    layer,
                    state.layerCount(),
                    context.length() - context.promptLength(),
                    context.length() - context.promptLength() + context.remaining(),
                    before,
                    state.hidden(row),
                    () -> head(row),
                    previous);
        }

        @Override
        public DecodingStatistics statistics() {
            int tokens = exitLayers.size();
            ExitStatistics exits = new ExitStatistics(state.layerCount(), exitLayers, evaluatedLayers, heads);
            return new DecodingStatistics(name(), tokens, tokens, tokens, 0, 0, Optional.empty(), Optional.of(exits));
        }

        @Override
        public void close() {
            if (state.length() > exactLength) {
                state.rewind(exactLength); // so that who comes next meets the promise of InferenceState
            }
        }
    }
}
