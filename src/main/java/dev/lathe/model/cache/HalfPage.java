package dev.lathe.model.cache;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheKernels;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Keys and values as half precision, rounded once when stored: kernels read them where they lie, or a tile is widened
 * to floats before it is used. What is beyond half precision's range is stored as its largest number, 65504, as
 * quantized caches do.
 */
final class HalfPage extends KvPage {
    private static final float LARGEST = 65504f;

    private final CacheKernels kernels;
    private final short[] keys;
    private final short[] values;

    HalfPage(PageShape shape, CacheKernels kernels) {
        this(shape, kernels, new short[shape.keyCount()], new short[shape.valueCount()]);
    }

    private HalfPage(PageShape shape, CacheKernels kernels, short[] keys, short[] values) {
        super(shape);
        this.kernels = kernels;
        this.keys = keys;
        this.values = values;
    }

    @Override
    void write(int position, float[] newKeys, int keyOffset, float[] newValues, int valueOffset) {
        for (int head = 0; head < shape.heads(); head++) {
            int keyTarget = shape.keyIndex(head, position);
            int keySource = keyOffset + head * shape.keySize();
            for (int d = 0; d < shape.keySize(); d++) {
                keys[keyTarget + d * PageShape.TILE] = half(newKeys[keySource + d]);
            }
            int valueTarget = shape.valueIndex(head, position);
            int valueSource = valueOffset + head * shape.valueSize();
            for (int d = 0; d < shape.valueSize(); d++) {
                values[valueTarget + d] = half(newValues[valueSource + d]);
            }
        }
    }

    private static short half(float number) {
        return Float.floatToFloat16(Math.clamp(number, -LARGEST, LARGEST));
    }

    @Override
    public float[] keyTile(int head, int position, float[] scratch) {
        kernels.widen(keys, shape.keyIndex(head, position), shape.keySize() * PageShape.TILE, scratch);
        return scratch;
    }

    @Override
    public float[] valueTile(int head, int position, float[] scratch) {
        kernels.widen(values, shape.valueIndex(head, position), shape.valueSize() * PageShape.TILE, scratch);
        return scratch;
    }

    @Override
    public void scores(
            AttentionKernels kernels,
            int head,
            int position,
            int tiles,
            float[] queries,
            int count,
            float[] scratch,
            float[] scores,
            int scoreOffset,
            int stride,
            KvPage next) {
        if (!kernels.readsHalves()) {
            super.scores(kernels, head, position, tiles, queries, count, scratch, scores, scoreOffset, stride, next);
            return;
        }
        int size = shape.keySize();
        int from = shape.keyIndex(head, position);
        short[] ahead = next instanceof HalfPage page ? page.keys : keys;
        int first = shape.keyIndex(head, 0);
        kernels.scoresOfHalves(
                queries, 0, size, count, keys, from, size, tiles, scores, scoreOffset, stride, ahead, first);
    }

    @Override
    public boolean addsTiles(AttentionKernels kernels) {
        return kernels.readsHalves();
    }

    @Override
    public void addTiles(
            AttentionKernels kernels,
            int head,
            int position,
            int positions,
            float[] weights,
            int weightOffset,
            int stride,
            int count,
            float[] output,
            KvPage next) {
        int size = shape.valueSize();
        int from = shape.valueIndex(head, position);
        short[] ahead = next instanceof HalfPage page ? page.values : values;
        int first = shape.valueIndex(head, 0);
        kernels.accumulateHalves(
                weights, weightOffset, stride, count, values, from, positions, size, output, 0, size, ahead, first);
    }

    @Override
    void copyPosition(int from, KvPage page, int to) {
        HalfPage target = (HalfPage) page;
        for (int head = 0; head < shape.heads(); head++) {
            copyColumn(keys, shape.keyIndex(head, from), target.keys, shape.keyIndex(head, to), shape.keySize());
            shape.copyValue(values, target.values, head, from, to, shape.valueSize());
        }
    }

    /** Copies one position's column of a tile. */
    static void copyColumn(short[] source, int from, short[] target, int to, int count) {
        for (int i = 0; i < count; i++) {
            target[to + i * PageShape.TILE] = source[from + i * PageShape.TILE];
        }
    }

    @Override
    KvPage copy() {
        return new HalfPage(shape, kernels, keys.clone(), values.clone());
    }

    @Override
    KvPage like(PageShape other) {
        return new HalfPage(other, kernels);
    }

    @Override
    List<MemorySegment> contents() {
        return List.of(MemorySegment.ofArray(keys), MemorySegment.ofArray(values));
    }
}
