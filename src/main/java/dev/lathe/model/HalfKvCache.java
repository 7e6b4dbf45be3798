package dev.lathe.model;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.kernel.CacheKernels;
import java.util.ArrayList;
import java.util.List;

/** Keys and values as half precision, rounded once when stored: a tile is widened to floats before it is used. */
final class HalfKvCache extends KvCache {
    private final List<short[]> keyPages = new ArrayList<>();
    private final List<short[]> valuePages = new ArrayList<>();
    private final CacheKernels kernels;
    private final int capacity;
    private final LayerConfig layer;

    HalfKvCache(LayerConfig layer, int capacity, CacheKernels kernels) {
        super(layer, capacity);
        this.kernels = kernels;
        this.layer = layer;
        this.capacity = capacity;
    }

    @Override
    int pageCount() {
        return valuePages.size();
    }

    @Override
    void addPage() {
        short[] values = new short[valuePageSize()];
        keyPages.add(new short[keyPageSize()]);
        valuePages.add(values);
    }

    @Override
    void write(int position, float[] keys, int keyOffset, float[] values, int valueOffset) {
        short[] keyPage = keyPages.get(page(position));
        short[] valuePage = valuePages.get(page(position));
        for (int head = 0; head < heads; head++) {
            int keyTarget = keyIndex(head, position);
            int keySource = keyOffset + head * keySize;
            for (int d = 0; d < keySize; d++) {
                keyPage[keyTarget + d * TILE] = Float.floatToFloat16(keys[keySource + d]);
            }
            int valueTarget = valueIndex(head, position);
            int valueSource = valueOffset + head * valueSize;
            for (int d = 0; d < valueSize; d++) {
                valuePage[valueTarget + d] = Float.floatToFloat16(values[valueSource + d]);
            }
        }
    }

    @Override
    float[] keyTile(int head, int tile, float[] scratch) {
        int position = tile * TILE;
        return widen(keyPages.get(page(position)), keyIndex(head, position), keySize * TILE, scratch);
    }

    @Override
    int keyTileOffset(int head, int tile) {
        return 0;
    }

    @Override
    float[] valueTile(int head, int tile, float[] scratch) {
        int position = tile * TILE;
        return widen(valuePages.get(page(position)), valueIndex(head, position), valueSize * TILE, scratch);
    }

    @Override
    int valueTileOffset(int head, int tile) {
        return 0;
    }

    private float[] widen(short[] source, int offset, int count, float[] target) {
        kernels.widen(source, offset, count, target);
        return target;
    }

    @Override
    void move(int from, int to) {
        for (int head = 0; head < heads; head++) {
            short[] source = keyPages.get(page(from));
            short[] target = keyPages.get(page(to));
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
        HalfKvCache copy = new HalfKvCache(layer, capacity, kernels);
        for (int page = 0; page * pagePositions < length; page++) {
            copy.keyPages.add(keyPages.get(page).clone());
            copy.valuePages.add(valuePages.get(page).clone());
        }
        return copy;
    }

    @Override
    long byteCount() {
        return (long) pageCount() * Short.BYTES * (keyPageSize() + valuePageSize());
    }
}
