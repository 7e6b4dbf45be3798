package dev.lathe.model.cache;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Keys and values as float32: tiles are read where they lie. */
final class FloatPage extends KvPage {
    private final float[] keys;
    private final float[] values;

    FloatPage(PageShape shape) {
        this(shape, new float[shape.keyCount()], new float[shape.valueCount()]);
    }

    private FloatPage(PageShape shape, float[] keys, float[] values) {
        super(shape);
        this.keys = keys;
        this.values = values;
    }

    @Override
    void write(int position, float[] newKeys, int keyOffset, float[] newValues, int valueOffset) {
        for (int head = 0; head < shape.heads(); head++) {
            int target = shape.keyIndex(head, position);
            int source = keyOffset + head * shape.keySize();
            for (int d = 0; d < shape.keySize(); d++) {
                keys[target + d * PageShape.TILE] = newKeys[source + d];
            }
            System.arraycopy(
                    newValues,
                    valueOffset + head * shape.valueSize(),
                    values,
                    shape.valueIndex(head, position),
                    shape.valueSize());
        }
    }

    @Override
    public float[] keyTile(int head, int position, float[] scratch) {
        return keys;
    }

    @Override
    public int keyTileOffset(int head, int position) {
        return shape.keyIndex(head, position);
    }

    @Override
    public float[] valueTile(int head, int position, float[] scratch) {
        return values;
    }

    @Override
    public int valueTileOffset(int head, int position) {
        return shape.valueIndex(head, position);
    }

    @Override
    void copyPosition(int from, KvPage page, int to) {
        FloatPage target = (FloatPage) page;
        for (int head = 0; head < shape.heads(); head++) {
            copyColumn(keys, shape.keyIndex(head, from), target.keys, shape.keyIndex(head, to), shape.keySize());
            shape.copyValue(values, target.values, head, from, to, shape.valueSize());
        }
    }

    private static void copyColumn(float[] source, int from, float[] target, int to, int count) {
        for (int i = 0; i < count; i++) {
            target[to + i * PageShape.TILE] = source[from + i * PageShape.TILE];
        }
    }

    @Override
    KvPage copy() {
        return new FloatPage(shape, keys.clone(), values.clone());
    }

    @Override
    KvPage like(PageShape other) {
        return new FloatPage(other);
    }

    @Override
    List<MemorySegment> contents() {
        return List.of(MemorySegment.ofArray(keys), MemorySegment.ofArray(values));
    }
}
