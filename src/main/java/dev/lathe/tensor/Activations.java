package dev.lathe.tensor;

import dev.lathe.tensor.kernel.ActivationForm;
import dev.lathe.tensor.kernel.ActiveColumns;
import dev.lathe.tensor.kernel.FloatPlane;
import dev.lathe.tensor.kernel.FloatProduct;
import dev.lathe.tensor.kernel.FloatRows;
import dev.lathe.tensor.kernel.QuantizedActivations;
import dev.lathe.tensor.kernel.QuantizedProduct;
import dev.lathe.tensor.kernel.TernaryRows;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Rows of input for linear layers. Layers of quantized weights share one quantized copy, made when the first of them
 * asks. One pass at a time; one thread prepares it, many may read.
 */
public final class Activations {
    private static final int PARALLEL_ROWS = 8;

    private record Inner(int place, int rank) {}

    private final FloatMatrix matrix;
    private final int capacityRows;
    private final Map<Inner, Activations> inner = new HashMap<>(); // between the factors of low-rank layers
    private final Map<FloatPlane, float[]> scaledValues = new EnumMap<>(FloatPlane.class);
    private final Map<FloatPlane, FloatRows> scaled = new EnumMap<>(FloatPlane.class); // of the rows announced last
    private final Map<FloatPlane, ActiveColumns> active = new EnumMap<>(FloatPlane.class);
    private QuantizedActivations quantized;
    private boolean isQuantized;
    private int rows;
    private TernaryRows quantizedRows;
    private boolean freshRows;
    private final List<GatheredColumns> gathered = new ArrayList<>(); // free ones; guarded by itself

    /**
     * Room for rows of a fixed length.
     *
     * @param capacityRows the most rows
     * @param columns length of a row
     */
    public Activations(int capacityRows, int columns) {
        this.capacityRows = capacityRows + 3 & ~3; // kernels take rows by fours
        matrix = FloatMatrix.zeros(this.capacityRows, columns);
    }

    /** The rows; fill them, then call {@link #set}. */
    public FloatMatrix matrix() {
        return matrix;
    }

    /** Announces that the first {@code rows} rows of the matrix have new content. */
    public void set(int rows) {
        if (rows < 0 || rows > capacityRows) {
            throw new IllegalArgumentException(rows + " rows of activations; room for " + capacityRows);
        }
        this.rows = rows;
        isQuantized = false;
        scaled.clear();
        freshRows = false;
    }

    /** Number of rows announced last. */
    public int rows() {
        return rows;
    }

    /**
     * Makes the quantized copy, and what the product's kernels read beside it, if they are not there yet; call it before a
     * parallel region reads {@link #quantized}.
     */
    void quantize(QuantizedProduct product, Workers workers) {
        if (quantized == null) {
            quantized = new QuantizedActivations(capacityRows, matrix.columns());
        }
        QuantizedActivations target = quantized;
        boolean isStale = !isQuantized;
        if (isStale) {
            target.renew();
            isQuantized = true;
        }
        List<ActivationForm> missing = new ArrayList<>();
        for (ActivationForm form : product.forms(rows)) {
            if (target.claim(form)) {
                missing.add(form);
            }
        }
        if (!isStale && missing.isEmpty()) {
            return;
        }
        forRows(workers, (from, to) -> {
            if (isStale) {
                product.quantize(matrix.data(), matrix.offset(from), target, from, to - from);
            }
            for (ActivationForm form : missing) {
                product.derive(form, target, from, to, rows);
            }
        });
    }

    /** A task for the rows from one to another. */
    private interface RangeTask {
        void run(int from, int to);
    }

    private void forRows(Workers workers, RangeTask task) {
        int count = rows;
        int parts = count / PARALLEL_ROWS;
        if (parts == 0) {
            task.run(0, count);
            return;
        }
        workers.run(parts, part -> task.run(part * count / parts, (part + 1) * count / parts));
    }

    /**
     * Room for the rows between the factors of a low-rank layer that reads these; as many as were announced last.
     *
     * @param place of the layer among those applied together
     * @param rank length of a row
     */
    Activations inner(int place, int rank) {
        Activations between = inner.computeIfAbsent(new Inner(place, rank), key -> new Activations(capacityRows, rank));
        between.set(rows);
        return between;
    }

    /** The quantized copy made last. */
    QuantizedActivations quantized() {
        return quantized;
    }

    /** As {@link #quantize}, for weights that are plain numbers; {@link #scaled} reads it. */
    void scale(FloatProduct product, Workers workers) {
        FloatPlane plane = product.plane();
        if (scaled.containsKey(plane)) {
            return;
        }
        FloatRows all;
        if (rows > product.mostPackedRows()) {
            all = new FloatRows(matrix.data(), false);
        } else if (plane.scale() == 1) {
            all = new FloatRows(matrix.data(), true);
        } else {
            all = timesScale(plane, workers);
        }
        scaled.put(plane, rows == 1 && all.scaled() ? withoutZeros(plane, all) : all);
    }

    private FloatRows timesScale(FloatPlane plane, Workers workers) {
        int columns = matrix.columns();
        int room = (rows + 3 & ~3) * columns;
        float[] buffer = scaledValues.get(plane);
        if (buffer == null || buffer.length < room) {
            buffer = new float[room];
            scaledValues.put(plane, buffer);
        }
        float[] target = buffer;
        AtomicBoolean inRange = new AtomicBoolean(true);
        forRows(workers, (from, to) -> {
            if (!FloatRows.scale(plane, matrix.data(), from * columns, to * columns, target)) {
                inRange.set(false);
            }
        });
        return inRange.get() ? new FloatRows(target, true) : new FloatRows(matrix.data(), false);
    }

    private FloatRows withoutZeros(FloatPlane plane, FloatRows row) {
        ActiveColumns columns = active.computeIfAbsent(plane, key -> new ActiveColumns(key, matrix.columns()));
        return new FloatRows(row.values(), true, Optional.of(columns.list(row.values())));
    }

    /** The rows for weights of a plane made last. */
    FloatRows scaled(FloatPlane plane) {
        return scaled.get(plane);
    }

    /** As {@link #quantize}, with one scale a row. */
    void quantizeRows(Workers workers) {
        if (freshRows) {
            return;
        }
        if (quantizedRows == null) {
            quantizedRows = new TernaryRows(capacityRows, matrix.columns());
        }
        TernaryRows target = quantizedRows;
        forRows(workers, (from, to) -> {
            for (int row = from; row < to; row++) {
                target.set(row, matrix.data(), matrix.offset(row));
            }
        });
        freshRows = true;
    }

    /** The copy with one scale a row made last. */
    TernaryRows quantizedRows() {
        return quantizedRows;
    }

    /** Memory for some columns of these rows, the caller's alone until {@linkplain #giveBack given back}. Any thread. */
    GatheredColumns takeGathered() {
        synchronized (gathered) {
            return gathered.isEmpty() ? new GatheredColumns() : gathered.removeLast();
        }
    }

    /** Keeps the memory for whoever asks next. Any thread. */
    void giveBack(GatheredColumns columns) {
        synchronized (gathered) {
            gathered.add(columns);
        }
    }
}
