package dev.lathe.model.decoder;

import dev.lathe.model.ActivationObserver;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.LayerConfig;
import dev.lathe.model.config.ModelConfig;
import dev.lathe.tensor.Activations;
import dev.lathe.tensor.FloatMatrix;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.Kernels;
import dev.lathe.tensor.store.BufferPlanner.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** The activations of a pass, reused by every layer and pass. One pass at a time works in them. */
final class DecoderBuffers {
    private final int capacityRows;
    private final List<Rope> ropes;
    private final Map<Integer, Activations> streams = new HashMap<>(); // the residual stream by its length
    private float[] shortened = {}; // [rows x hidden] the stream after a residual connection's matrix
    private final float[] first; // by turns: queries, gates, what half a block adds to the stream
    private final float[] second; // by turns: keys, what gates multiply
    private final float[] value; // [rows x keyValueHeads * valueSize]
    private final float[][] cos; // [ropes][rows x pairs]
    private final float[][] sin; // [ropes][rows x pairs]
    private final Map<Integer, Activations> inputs = new HashMap<>(); // by columns: inputs of linear layers
    private final Map<Integer, Activations> secondInputs = new HashMap<>(); // of layers whose halves are side by side
    private final Slots slots = new Slots();
    private final GroupedQueryAttention attention;
    private Activations hidden; // [rows x hidden] the residual stream as it is now
    private ActivationObserver observer = ActivationObserver.NONE;

    DecoderBuffers(ModelConfig config, List<Rope> ropes, int capacityRows, Workers workers, Kernels kernels) {
        this.capacityRows = capacityRows;
        this.ropes = ropes;
        Sizes sizes = Sizes.of(config);
        first = new float[Math.multiplyExact(capacityRows, sizes.first())];
        second = new float[Math.multiplyExact(capacityRows, sizes.second())];
        value = new float[Math.multiplyExact(capacityRows, sizes.values())];
        cos = new float[ropes.size()][];
        sin = new float[ropes.size()][];
        for (int i = 0; i < cos.length; i++) {
            cos[i] = new float[capacityRows * ropes.get(i).half()];
            sin[i] = new float[cos[i].length];
        }
        attention = new GroupedQueryAttention(workers, kernels);
    }

    /** Numbers of one row in the largest layer. */
    private record Sizes(int stream, int queries, int keys, int values, int attended, int inner) {
        static Sizes of(ModelConfig config) {
            return new Sizes(
                    config.streamSizes().largest(),
                    largest(config, layer -> layer.headCount() * layer.keySize()),
                    largest(config, layer -> layer.keyValueHeadCount() * layer.keySize()),
                    largest(config, layer -> layer.keyValueHeadCount() * layer.valueSize()),
                    largest(config, layer -> layer.headCount() * layer.valueSize()),
                    largest(config, LayerConfig::feedForwardSize));
        }

        int first() {
            return Math.max(stream, Math.max(queries, inner));
        }

        int second() {
            return Math.max(keys, inner);
        }
    }

    private static int largest(ModelConfig config, ToIntFunction<LayerConfig> size) {
        return config.layers().stream().mapToInt(size).max().orElse(0);
    }

    /**
     * What a pass of so many rows works in within a layer, in bytes: the steps are norm and projections, attention, the
     * end of attention, the second norm, gates, what they let through, the end of the layer.
     */
    static List<Buffer> lifetimes(ModelConfig config, int rows) {
        long bytes = (long) Float.BYTES * rows;
        Sizes sizes = Sizes.of(config);
        long stream = bytes * sizes.stream();
        long inner = bytes * sizes.inner();
        return List.of(
                new Buffer("residual stream", stream, 0, 6),
                new Buffer("normed", stream, 0, 0),
                new Buffer("query", bytes * sizes.queries(), 0, 1),
                new Buffer("key", bytes * sizes.keys(), 0, 0),
                new Buffer("value", bytes * sizes.values(), 0, 0),
                new Buffer("attended", bytes * sizes.attended(), 1, 2),
                new Buffer("branch of attention", stream, 2, 2),
                new Buffer("normed again", stream, 3, 4),
                new Buffer("gate", inner, 4, 5),
                new Buffer("up", inner, 4, 5),
                new Buffer("inner", inner, 5, 6),
                new Buffer("branch of feed-forward", stream, 6, 6));
    }

    /** Bytes of the arrays whose sizes are known before a pass, and of the inputs that a layer needs. */
    static long heldBytes(ModelConfig config, int rows) {
        Sizes sizes = Sizes.of(config);
        boolean ownInput = sizes.attended() != sizes.stream() && sizes.attended() != sizes.inner();
        long inputs = (long) sizes.stream() + sizes.inner() + (ownInput ? sizes.attended() : 0);
        return Float.BYTES * rows * (sizes.stream() + (long) sizes.first() + sizes.second() + sizes.values() + inputs);
    }

    /** About the memory of one row, in bytes. */
    static long bytesOfRow(ModelConfig config) {
        int attention = largest(
                config,
                layer -> 2 * (layer.headCount() + layer.keyValueHeadCount()) * (layer.keySize() + layer.valueSize()));
        int feedForward = largest(config, layer -> 4 * layer.feedForwardSize());
        return Float.BYTES * (4L * config.streamSizes().largest() + attention + feedForward);
    }

    int capacityRows() {
        return capacityRows;
    }

    /** The residual stream as it is now. */
    FloatMatrix hidden(int rows) {
        return new FloatMatrix(hidden.matrix().data(), rows, hidden.matrix().columns());
    }

    /** Begins a residual stream of that length, to be filled. */
    FloatMatrix newHidden(int rows, int size) {
        hidden = streams.computeIfAbsent(size, columns -> new Activations(capacityRows, columns));
        return hidden(rows);
    }

    /** Copies rows into the residual stream, which takes their length. */
    void setHidden(FloatMatrix rows) {
        FloatMatrix target = newHidden(rows.rows(), rows.columns());
        System.arraycopy(rows.data(), 0, target.data(), 0, rows.rows() * rows.columns());
    }

    /** The residual stream as the input of a residual connection's matrix. */
    Activations hiddenInput(int rows) {
        hidden.set(rows);
        return hidden;
    }

    FloatMatrix branch(int rows, int columns) {
        return new FloatMatrix(first, rows, columns);
    }

    /** Where a residual connection's matrix writes to. */
    FloatMatrix shortened(int rows, int columns) {
        if (shortened.length < (long) rows * columns) {
            shortened = new float[Math.multiplyExact(capacityRows, columns)];
        }
        return new FloatMatrix(shortened, rows, columns);
    }

    FloatMatrix query(int rows, int columns) {
        return new FloatMatrix(first, rows, columns);
    }

    FloatMatrix key(int rows, int columns) {
        return new FloatMatrix(second, rows, columns);
    }

    FloatMatrix value(int rows, int columns) {
        return new FloatMatrix(value, rows, columns);
    }

    FloatMatrix gate(int rows, int columns) {
        return new FloatMatrix(first, rows, columns);
    }

    FloatMatrix up(int rows, int columns) {
        return new FloatMatrix(second, rows, columns);
    }

    /** The input of linear layers of that many columns: filled anew before each use. */
    Activations input(int columns) {
        return inputs.computeIfAbsent(columns, size -> new Activations(capacityRows, size));
    }

    /** The input of the second of two halves that run side by side. */
    Activations secondInput(int columns) {
        return secondInputs.computeIfAbsent(columns, size -> new Activations(capacityRows, size));
    }

    /** Memory for products beside each other. */
    Slots slots() {
        return slots;
    }

    /** Shows the first rows of a layer's input to whoever observes. */
    void show(ActivationSite site, Activations input, int rows) {
        show(site, 0, input, rows);
    }

    /** Shows what an expert reads to whoever observes. */
    void show(ActivationSite site, int expert, Activations input, int rows) {
        FloatMatrix matrix = input.matrix();
        show(site, expert, new FloatMatrix(matrix.data(), rows, matrix.columns()));
    }

    /** Shows rows of an expert to whoever observes. */
    void show(ActivationSite site, int expert, FloatMatrix rows) {
        observer.observe(site, expert, rows);
    }

    /** Whether anybody observes. */
    boolean isObserved() {
        return observer != ActivationObserver.NONE;
    }

    void observeWith(ActivationObserver observer) {
        this.observer = observer;
    }

    GroupedQueryAttention attention() {
        return attention;
    }

    /** Computes the angles of the pass's positions. */
    void rotateTo(Pass pass) {
        for (int i = 0; i < cos.length; i++) {
            for (int row = 0; row < pass.rows(); row++) {
                ropes.get(i)
                        .angles(
                                pass.position(row),
                                cos[i],
                                sin[i],
                                row * ropes.get(i).half());
            }
        }
    }

    float[] cos(int rope) {
        return cos[rope];
    }

    float[] sin(int rope) {
        return sin[rope];
    }
}
