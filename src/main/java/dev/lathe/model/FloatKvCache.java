package dev.lathe.model;

import dev.lathe.model.config.LayerConfig;
import java.util.ArrayList;
import java.util.List;

/** Keys and values as float32: tiles are read where they lie. */
final class FloatKvCache extends KvCache {
    private final List<float[]> keyPages = new ArrayList<>();
    private final List<float[]> valuePages = new ArrayList<>();
    private final int capacity;
    private final LayerConfig layer;

    FloatKvCache(LayerConfig layer, int capacity) {
        super(layer, capacity);
        this.layer = layer;
        this.capacity = capacity;
    }

    @Override
    int pageCount() {
        return valuePages.size();
    }

    @Override
    void addPage() {
        float[] values = new float[valuePageSize()];
        keyPages.add(new float[keyPageSize()]);
        valuePages.add(values);
    }

    @Override
    void write(int position, float[] keys, int keyOffset, float[] values, int valueOffset) {
        float[] keyPage = keyPages.get(page(position));
        float[] valuePage = valuePages.get(page(position));
        for (int head = 0; head < heads; head++) {
            int target = keyIndex(head, position);
            int source = keyOffset + head * keySize;
            for (int d = 0; d < keySize; d++) {
                keyPage[target + d * TILE] = keys[source + d];
            }
            System.arraycopy(values, valueOffset + head * valueSize, valuePage, valueIndex(head, position), valueSize);
        }
    }

    @Override
    float[] keyTile(int head, int tile, float[] scratch) {
        return keyPages.get(page(tile * TILE));
    }

    @Override
    int keyTileOffset(int head, int tile) {
        return keyIndex(head, tile * TILE);
    }

    @Override
    float[] valueTile(int head, int tile, float[] scratch) {
        return valuePages.get(page(tile * TILE));
    }

    @Override
    int valueTileOffset(int head, int tile) {
        return valueIndex(head, tile * TILE);
    }

    @Override
    void move(int from, int to) {
        for (int head = 0; head < heads; head++) {
            float[] source = keyPages.get(page(from));
            float[] target = keyPages.get(page(to));
            for (int d = 0; d < keySize; d++) {
                target[keyIndex(head, to) + d * TILE] = source[keyIndex(head, from) + d * TILE];
            }
            System.arraycopy(
                    valuePages.get(page(from)),
                    valueIndex(head, from),
                    valuePages.get(page(to)),
                    valueIndex(head, to),
                    valueSize);
        }
    }

    @Override
    KvCache copy(int length) {
        FloatKvCache copy = new FloatKvCache(layer, capacity);
        for (int page = 0; page * pagePositions < length; page++) {
            copy.keyPages.add(keyPages.get(page).clone());
            copy.valuePages.add(valuePages.get(page).clone());
        }
        return copy;
    }

    @Override
    long byteCount() {
        return (long) pageCount() * Float.BYTES * (keyPageSize() + valuePageSize());
    }
}
