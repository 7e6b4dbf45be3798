package dev.lathe.model.decoder;

import dev.lathe.model.ActivationSite;
import dev.lathe.model.ExpertOptions;
import dev.lathe.model.WeightGroup;
import dev.lathe.model.config.ExpertsConfig;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.model.config.TensorRole;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Linear;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.ElementwiseKernels;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A mixture of experts: hidden += sum of weight * down(function(gate(x)) * up(x)) over the experts that a router chooses for each
 * token, with x = norm(hidden), and in some families of one expert that all tokens take. Immutable.
 *
 * <p>The tokens of a prompt are grouped by expert, so that each expert's weights are read once; one token reads the chosen experts
 * alone, all together. What a token gets is added in the order in which its experts were chosen: the same bits in any batch.
 */
final class Experts implements ChannelMixer {
    private final ExpertsConfig config;
    private final int innerSize;
    private final WeightGroup weights;
    private final ExpertWeights experts;
    private final Norm norm;
    private final BranchAdd end;
    private final Router router;
    private final Optional<ExpertCounter> counter;
    private final Gate function;
    private final ElementwiseKernels kernels;
    private final Workers workers;
    private Experts following; // set while the model is made; null if nothing is to be read ahead

    Experts(
            ModelConfig model,
            LayerConfig layer,
            WeightGroup weights,
            ExpertWeights experts,
            ExpertOptions options,
            Optional<ExpertCounter> counter,
            ElementwiseKernels kernels,
            Workers workers) {
        config = layer.feedForward().experts().orElseThrow();
        innerSize = layer.feedForwardSize();
        this.weights = weights;
        this.experts = experts;
        norm = Norm.before(layer.arrangement().beforeFeedForward(), weights, model, kernels);
        Optional<TensorRole> postNorm = layer.arrangement().afterFeedForward();
        end = BranchAdd.of(model, layer, postNorm, weights, WeightGroup.NONE, kernels, workers);
        router = new Router(config, weights.bias(TensorRole.CHOICE_BIAS), options.skipBelow(), kernels);
        this.counter = counter;
        function = Gate.of(layer.feedForward(), kernels);
        this.kernels = kernels;
        this.workers = workers;
        if (weights.findMatrix(TensorRole.FEED_FORWARD_RESIDUAL).isPresent()) {
            throw new IllegalArgumentException("a layer of experts with a matrix on its residual connection cannot be "
                    + "run: models with experts are not sliced");
        }
    }

    @Override
    public void run(Activations normed, DecoderBuffers buffers) {
        int rows = normed.rows();
        Slots slots = buffers.slots();
        FloatMatrix scores = slots.output("scores", 0, rows, config.count());
        weights.matrix(TensorRole.ROUTER).apply(normed, scores, workers);
        int[] chosen = new int[rows * config.used()];
        float[] shares = new float[chosen.length];
        for (int row = 0; row < rows; row++) {
            Bias.add(kernels, scores, row, weights.bias(TensorRole.ROUTER));
            router.choose(scores.data(), scores.offset(row), chosen, shares, row * config.used());
        }
        counter.ifPresent(count -> count.add(rows, chosen));
        if (rows == 1 && following != null) {
            following.expect(buffers);
        }
        FloatMatrix branch = buffers.branch(rows, experts.outputSize());
        FloatMatrix parts = slots.output("parts", 0, chosen.length, branch.columns()); // [rows * used x hidden]
        if (rows == 1) {
            runTogether(normed, chosen, shares, parts, buffers);
        } else {
            runGrouped(normed, chosen, shares, parts, buffers);
        }
        RowLoop.run(workers, rows, config.used() * branch.columns(), row -> sum(parts, chosen, shares, row, branch));
        if (buffers.isObserved()) {
            showOutputs(chosen, parts, buffers);
        }
        if (config.sharedSize() > 0) {
            addShared(normed, branch, buffers);
        }
        end.run(buffers.hidden(rows), branch);
    }

    /** The experts of the next layer that has some; it reads them ahead where that helps. */
    void precede(Experts next) {
        following = next.experts.readsAhead() ? next : null;
    }

    /** What this layer would choose of the residual stream as it is, before the layers between have changed it. */
    private void expect(DecoderBuffers buffers) {
        Slots slots = buffers.slots();
        FloatMatrix hidden = buffers.hidden(1);
        Activations normed = slots.input("expected", 0, 1, hidden.columns());
        norm.applyToRows(hidden, normed, workers);
        FloatMatrix scores = slots.output("expected", 0, 1, config.count());
        weights.matrix(TensorRole.ROUTER).apply(normed, scores, workers);
        Bias.add(kernels, scores, 0, weights.bias(TensorRole.ROUTER));
        int[] expected = new int[config.used()];
        router.choose(scores.data(), 0, expected, new float[expected.length], 0);
        experts.expect(Arrays.stream(expected)
                .filter(expert -> expert != Router.SKIPPED)
                .toArray());
    }

    /** One token: the chosen experts beside each other, as many at once as can be in memory. */
    private void runTogether(
            Activations normed, int[] chosen, float[] shares, FloatMatrix parts, DecoderBuffers buffers) {
        int[] places = IntStream.range(0, chosen.length)
                .filter(place -> chosen[place] != Router.SKIPPED)
                .toArray();
        int most = Math.min(places.length, experts.atOnce());
        for (int from = 0; from < places.length; from += most) {
            int[] some = Arrays.copyOfRange(places, from, Math.min(places.length, from + most));
            runTogether(normed, chosen, shares, some, parts, buffers);
        }
    }

    private void runTogether(
            Activations normed, int[] chosen, float[] shares, int[] places, FloatMatrix parts, DecoderBuffers buffers) {
        Slots slots = buffers.slots();
        int[] together = Arrays.stream(places).map(place -> chosen[place]).toArray();
        Linear.Product[] first = new Linear.Product[2 * places.length];
        Linear.Product[] last = new Linear.Product[places.length];
        try (ExpertWeights.Lease used = experts.use(together)) {
            for (int i = 0; i < places.length; i++) {
                FloatMatrix gate = slots.output("gate", i, 1, innerSize);
                FloatMatrix up = slots.output("up", i, 1, innerSize);
                Activations input = config.weightsInputs() ? weighted(normed, shares[places[i]], i, buffers) : normed;
                first[2 * i] = new Linear.Product(used.gate(i), input, gate);
                first[2 * i + 1] = new Linear.Product(used.up(i), input, up);
                buffers.show(ActivationSite.EXPERT, together[i], input, 1);
            }
            Linear.applyAll(workers, first);
            for (int i = 0; i < places.length; i++) {
                Activations inner = slots.input("inner", i, 1, innerSize);
                multiply(together[i], first[2 * i].output(), first[2 * i + 1].output(), inner, 1);
                buffers.show(ActivationSite.EXPERT_DOWN, together[i], inner, 1);
                FloatMatrix down = slots.output("down", i, 1, parts.columns());
                last[i] = new Linear.Product(used.down(i), inner, down);
            }
            Linear.applyAll(workers, last);
        }
        for (int i = 0; i < places.length; i++) {
            put(together[i], last[i].output(), 0, parts, places[i]);
        }
    }

    /** What one expert reads of a single token. */
    private Activations weighted(Activations normed, float share, int place, DecoderBuffers buffers) {
        FloatMatrix source = normed.matrix();
        Activations input = buffers.slots().input("weighted", place, 1, source.columns());
        FloatMatrix target = input.matrix();
        kernels.scale(source.data(), source.offset(0), share, target.data(), target.offset(0), source.columns());
        input.set(1);
        return input;
    }

    /** Many tokens: expert by expert, each with the tokens that chose it. */
    private void runGrouped(
            Activations normed, int[] chosen, float[] shares, FloatMatrix parts, DecoderBuffers buffers) {
        int[] places = new int[chosen.length];
        for (int expert = 0; expert < config.count(); expert++) {
            int count = 0;
            for (int i = 0; i < chosen.length; i++) {
                if (chosen[i] == expert) {
                    places[count++] = i;
                }
            }
            if (count > 0) {
                runExpert(expert, normed, Arrays.copyOf(places, count), shares, parts, buffers);
            }
        }
    }

    private void runExpert(
            int expert, Activations normed, int[] places, float[] shares, FloatMatrix parts, DecoderBuffers buffers) {
        Slots slots = buffers.slots();
        int rows = places.length;
        FloatMatrix source = normed.matrix();
        Activations input = slots.input("grouped", 0, rows, source.columns());
        for (int row = 0; row < rows; row++) {
            int from = source.offset(places[row] / config.used());
            int to = input.matrix().offset(row);
            if (config.weightsInputs()) {
                kernels.scale(
                        source.data(), from, shares[places[row]], input.matrix().data(), to, source.columns());
            } else {
                System.arraycopy(source.data(), from, input.matrix().data(), to, source.columns());
            }
        }
        input.set(rows);
        buffers.show(ActivationSite.EXPERT, expert, input, rows);
        FloatMatrix gate = slots.output("gate", 0, rows, innerSize);
        FloatMatrix up = slots.output("up", 0, rows, innerSize);
        Activations inner = slots.input("inner", 0, rows, innerSize);
        FloatMatrix down = slots.output("down", 0, rows, parts.columns());
        try (ExpertWeights.Lease used = experts.use(expert)) {
            Linear.applyAll(input, new Linear[] {used.gate(0), used.up(0)}, new FloatMatrix[] {gate, up}, workers);
            multiply(expert, gate, up, inner, rows);
            buffers.show(ActivationSite.EXPERT_DOWN, expert, inner, rows);
            used.down(0).apply(inner, down, workers);
        }
        for (int row = 0; row < rows; row++) {
            put(expert, down, row, parts, places[row]);
        }
    }

    /** inner = function(gate) * up, with the biases of an expert. */
    private void multiply(int expert, FloatMatrix gate, FloatMatrix up, Activations inner, int rows) {
        RowLoop.run(workers, rows, innerSize, row -> {
            int offset = gate.offset(row);
            addBias(TensorRole.EXPERT_GATE, expert, gate.data(), offset, innerSize);
            addBias(TensorRole.EXPERT_UP, expert, up.data(), offset, innerSize);
            function.apply(
                    gate.data(), offset, up.data(), offset, inner.matrix().data(), offset, innerSize);
        });
        inner.set(rows);
    }

    private void put(int expert, FloatMatrix down, int row, FloatMatrix parts, int place) {
        System.arraycopy(down.data(), down.offset(row), parts.data(), parts.offset(place), parts.columns());
        addBias(TensorRole.EXPERT_DOWN, expert, parts.data(), parts.offset(place), parts.columns());
    }

    private void addBias(TensorRole role, int expert, float[] values, int offset, int size) {
        float[] biases = weights.bias(role); // [experts x size] or empty
        if (biases.length > 0) {
            kernels.add(values, offset, biases, expert * size, size);
        }
    }

    /** branch = the weighted sum of a token's parts, in the order in which they were chosen. */
    private void sum(FloatMatrix parts, int[] chosen, float[] shares, int row, FloatMatrix branch) {
        int target = branch.offset(row);
        int columns = branch.columns();
        boolean begun = false;
        for (int place = row * config.used(); place < (row + 1) * config.used(); place++) {
            if (chosen[place] == Router.SKIPPED) {
                continue;
            }
            int from = parts.offset(place);
            if (!config.weightsInputs()) {
                kernels.scale(parts.data(), from, shares[place], parts.data(), from, columns);
            }
            if (begun) {
                kernels.add(branch.data(), target, parts.data(), from, columns);
            } else {
                System.arraycopy(parts.data(), from, branch.data(), target, columns);
                begun = true;
            }
        }
    }

    /** Shows what each expert added, once its parts are weighted. */
    private void showOutputs(int[] chosen, FloatMatrix parts, DecoderBuffers buffers) {
        for (int expert = 0; expert < config.count(); expert++) {
            int wanted = expert;
            int[] places = IntStream.range(0, chosen.length)
                    .filter(place -> chosen[place] == wanted)
                    .toArray();
            if (places.length > 0) {
                FloatMatrix rows = FloatMatrix.zeros(places.length, parts.columns());
                for (int row = 0; row < places.length; row++) {
                    System.arraycopy(
                            parts.data(), parts.offset(places[row]), rows.data(), rows.offset(row), rows.columns());
                }
                buffers.show(ActivationSite.EXPERT_OUTPUT, expert, rows);
            }
        }
    }

    private void addShared(Activations normed, FloatMatrix branch, DecoderBuffers buffers) {
        Slots slots = buffers.slots();
        int rows = branch.rows();
        int size = config.sharedSize();
        FloatMatrix gate = slots.output("shared gate", 0, rows, size);
        FloatMatrix up = slots.output("shared up", 0, rows, size);
        Activations inner = slots.input("shared inner", 0, rows, size);
        FloatMatrix down = slots.output("shared down", 0, rows, branch.columns());
        Linear.applyAll(
                normed,
                new Linear[] {weights.matrix(TensorRole.SHARED_GATE), weights.matrix(TensorRole.SHARED_UP)},
                new FloatMatrix[] {gate, up},
                workers);
        RowLoop.run(workers, rows, size, row -> {
            int offset = gate.offset(row);
            function.apply(
                    gate.data(), offset, up.data(), offset, inner.matrix().data(), offset, size);
        });
        inner.set(rows);
        buffers.show(ActivationSite.FEED_FORWARD_DOWN, inner, rows);
        weights.matrix(TensorRole.SHARED_DOWN).apply(inner, down, workers);
        float[] sharedRouter = weights.vector(TensorRole.SHARED_ROUTER);
        RowLoop.run(workers, rows, branch.columns(), row -> {
            int offset = down.offset(row);
            if (sharedRouter.length > 0) {
                float share = sigmoidOfProduct(normed.matrix(), row, sharedRouter);
                kernels.scale(down.data(), offset, share, down.data(), offset, down.columns());
            }
            kernels.add(branch.data(), branch.offset(row), down.data(), offset, branch.columns());
        });
    }

    private static float sigmoidOfProduct(FloatMatrix rows, int row, float[] vector) {
        double sum = 0;
        for (int i = 0; i < vector.length; i++) {
            sum += (double) rows.data()[rows.offset(row) + i] * vector[i];
        }
        return (float) (1 / (1 + StrictMath.exp(-sum)));
    }

    @Override
    public void skip(int rows, DecoderBuffers buffers) {
        // nothing: the residual connection of experts has no matrix
    }
}
