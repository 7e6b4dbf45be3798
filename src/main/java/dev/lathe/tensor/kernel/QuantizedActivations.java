package dev.lathe.tensor.kernel;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Rows of activations as signed bytes with a float scale for each block of 32 columns: what every product with quantized
 * weights reads, whatever their type and whichever kernels compute.
 *
 * <p>Let m be the largest magnitude of a block. Then {@code scale = m / 127f} and
 * {@code value = rint(x * (127f / m))}, all in float32, so values are -127..127. The maximum does not depend on the order
 * in which it is taken. A block with m below 2^-110 is zero: its scale and values are. A block with a number that is not
 * finite has values of zero and the scale NaN, so that every output says so.
 *
 * <p>Shapes: {@link #values} [rows x columns], {@link #scales} [rows x columns / 32], {@link #sums} [rows x columns / 16].
 * Arrays are reused; one owner writes, then many threads may read.
 */
public final class QuantizedActivations {
    /** Below this the largest magnitude of a block counts as zero: 127 divided by it need not be finite. */
    public static final float LEAST = 0x1p-110f;
    /** Adding this rounds a float of small magnitude half to even and leaves its integer in the low bits. */
    public static final float ROUNDER = 0x1.8p23f;

    /** Values, in the order of the columns. */
    public final byte[] values;
    /** One scale for 32 columns. */
    public final float[] scales;
    /** Sums of the values of 16 columns. */
    public final int[] sums;
    /** Length of a row. */
    public final int columns;

    /** What some kernel sets read beside the bytes. */
    public final ActivationLanes lanes;

    private final Map<ActivationForm, byte[]> bytes; // of all that share the memory
    private final Set<ActivationForm> derived = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Room for so many rows; columns must be a multiple of 32. */
    public QuantizedActivations(int capacity, int columns) {
        this.columns = columns;
        int size = Math.multiplyExact(capacity, columns);
        values = new byte[size];
        scales = new float[size / 32];
        sums = new int[size / 16];
        lanes = new ActivationLanes(size);
        bytes = new IdentityHashMap<>();
    }

    private QuantizedActivations(QuantizedActivations memory, int columns) {
        this.columns = columns;
        values = memory.values;
        scales = memory.scales;
        sums = memory.sums;
        lanes = memory.lanes;
        bytes = memory.bytes;
    }

    /**
     * The same memory for rows of other columns, a multiple of 32, as many as it has room for. Whoever writes through one
     * of them makes the others stale.
     */
    public QuantizedActivations withColumns(int columns) {
        return new QuantizedActivations(this, columns);
    }

    /** Announces new values: what was derived from the old ones is stale. */
    public void renew() {
        derived.clear();
    }

    /** Makes room for a derived form; true if the caller has to derive it from the values. */
    public boolean claim(ActivationForm form) {
        if (form instanceof LaneForm lane) {
            lanes.reserve(lane);
        } else {
            bytes.computeIfAbsent(form, key -> new byte[key.byteCount(values.length)]);
        }
        return derived.add(form);
    }

    /** The memory of a form that was claimed. */
    public byte[] bytes(ActivationForm form) {
        return bytes.get(form);
    }

    /** Derives what a product reads of so many rows beside their bytes, where that is not there yet. */
    public void derive(QuantizedProduct product, int rows) {
        for (ActivationForm form : product.forms(rows)) {
            if (claim(form)) {
                product.derive(form, this, 0, rows, rows);
            }
        }
    }

    /**
     * Copies whole blocks of 32.
     *
     * @param at index of the first value to write, a multiple of 32
     * @param source where to read
     * @param from index of the first value to read, a multiple of 32
     * @param count values, a multiple of 32
     */
    public void copy(int at, QuantizedActivations source, int from, int count) {
        System.arraycopy(source.values, from, values, at, count);
        System.arraycopy(source.sums, from / 16, sums, at / 16, count / 16);
        System.arraycopy(source.scales, from / 32, scales, at / 32, count / 32);
    }

    /** Sum of the values of 16 or 32 columns from {@code at} on. */
    public int sum(int at, int width) {
        return width == 16 ? sums[at / 16] : sums[at / 16] + sums[at / 16 + 1];
    }

    /** Sets the scale of a block by the bits of its largest magnitude; returns what its numbers are multiplied by. */
    public float setScale(int block, int largestBits) {
        float largest = Float.intBitsToFloat(largestBits);
        if (!(largest < Float.POSITIVE_INFINITY)) {
            scales[block] = Float.NaN;
            return 0f;
        }
        scales[block] = largest < LEAST ? 0f : largest / 127f;
        return largest < LEAST ? 0f : 127f / largest;
    }

    /** Sets a block whose values are zero. */
    public void setZeros(int block) {
        java.util.Arrays.fill(values, 32 * block, 32 * block + 32, (byte) 0);
        sums[2 * block] = 0;
        sums[2 * block + 1] = 0;
    }

    /** Quantizes one block in plain Java: the reference of all kernels. */
    public void setBlock(int block, float[] source, int offset) {
        int largestBits = 0;
        for (int i = offset; i < offset + 32; i++) {
            // the bits of magnitudes are in the order of the magnitudes, NaN above all
            largestBits = Math.max(largestBits, Float.floatToRawIntBits(source[i]) & 0x7fffffff);
        }
        float inverse = setScale(block, largestBits);
        if (inverse == 0) {
            setZeros(block);
            return;
        }
        for (int half = 0; half < 2; half++) {
            int sum = 0;
            for (int i = 16 * half; i < 16 * half + 16; i++) {
                byte value = (byte) Float.floatToRawIntBits(source[offset + i] * inverse + ROUNDER);
                values[32 * block + i] = value;
                sum += value;
            }
            sums[2 * block + half] = sum;
        }
    }
}
