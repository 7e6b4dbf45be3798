package dev.lathe.model;

import dev.lathe.model.config.LayerConfig;
import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values as small integers with scales, rounded once when stored: a tile is unpacked to floats before it is
 * used, so attention is that of a float cache with the rounded numbers, to the bit.
 *
 * <p>A page's ints are keys as {@code [head][tile][keyInts][TILE positions]} and values as {@code [head][P][valueInts]};
 * scales lie alike.
 */
final class QuantizedKvCache extends KvCache {
    private record Page(int[] keys, short[] keyScales, int[] values, short[] valueScales) {
        Page copy() {
            return new Page(keys.clone(), keyScales.clone(), values.clone(), valueScales.clone());
        }
    }

    private final List<Page> pages = new ArrayList<>();
    private final CacheBlocks blocks;
    private final CacheKernels kernels;
    private final int capacity;
    private final LayerConfig layer;
    private final int keyInts;
    private final int keyScales;
    private final int valueInts;
    private final int valueScales;

    QuantizedKvCache(LayerConfig layer, int capacity, CacheBlocks blocks, CacheKernels kernels) {
        super(layer, capacity);
        this.layer = layer;
        this.capacity = capacity;
        this.blocks = blocks;
        this.kernels = kernels;
        keyInts = blocks.keyInts(keySize);
        keyScales = CacheBlocks.scales(keySize);
        valueInts = blocks.valueInts(valueSize);
        valueScales = CacheBlocks.scales(valueSize);
    }

    @Override
    int pageCount() {
        return pages.size();
    }

    @Override
    void addPage() {
        int positions = Math.multiplyExact(heads, pagePositions);
        pages.add(new Page(
                new int[Math.multiplyExact(positions, keyInts)],
                new short[positions * keyScales],
                new int[Math.multiplyExact(positions, valueInts)],
                new short[positions * valueScales]));
    }

    @Override
    void write(int position, float[] keys, int keyOffset, float[] values, int valueOffset) {
        Page page = pages.get(page(position));
        for (int head = 0; head < heads; head++) {
            blocks.writeKey(
                    keys,
                    keyOffset + head * keySize,
                    keySize,
                    page.keys,
                    keyIndex(head, position, keyInts),
                    page.keyScales,
                    keyIndex(head, position, keyScales));
            blocks.writeValue(
                    values,
                    valueOffset + head * valueSize,
                    valueSize,
                    page.values,
                    valueIndex(head, position, valueInts),
                    page.valueScales,
                    valueIndex(head, position, valueScales));
        }
    }

    @Override
    float[] keyTile(int head, int tile, float[] scratch) {
        int position = tile * TILE;
        Page page = pages.get(page(position));
        int words = keyIndex(head, position, keyInts);
        int scales = keyIndex(head, position, keyScales);
        kernels.unpackKeys(blocks, page.keys, words, page.keyScales, scales, keySize, scratch);
        return scratch;
    }

    @Override
    int keyTileOffset(int head, int tile) {
        return 0;
    }

    @Override
    float[] valueTile(int head, int tile, float[] scratch) {
        int position = tile * TILE;
        Page page = pages.get(page(position));
        int words = valueIndex(head, position, valueInts);
        int scales = valueIndex(head, position, valueScales);
        kernels.unpackValues(blocks, page.values, words, page.valueScales, scales, valueSize, scratch);
        return scratch;
    }

    @Override
    int valueTileOffset(int head, int tile) {
        return 0;
    }

    @Override
    void move(int from, int to) {
        Page source = pages.get(page(from));
        Page target = pages.get(page(to));
        for (int head = 0; head < heads; head++) {
            for (int i = 0; i < keyInts; i++) {
                target.keys[keyIndex(head, to, keyInts) + i * TILE] =
                        source.keys[keyIndex(head, from, keyInts) + i * TILE];
            }
            for (int i = 0; i < keyScales; i++) {
                target.keyScales[keyIndex(head, to, keyScales) + i * TILE] =
                        source.keyScales[keyIndex(head, from, keyScales) + i * TILE];
            }
            System.arraycopy(
                    source.values,
                    valueIndex(head, from, valueInts),
                    target.values,
                    valueIndex(head, to, valueInts),
                    valueInts);
            System.arraycopy(
                    source.valueScales,
                    valueIndex(head, from, valueScales),
                    target.valueScales,
                    valueIndex(head, to, valueScales),
                    valueScales);
        }
    }

    @Override
    KvCache copy(int length) {
        QuantizedKvCache copy = new QuantizedKvCache(layer, capacity, blocks, kernels);
        for (int page = 0; page * pagePositions < length; page++) {
            copy.pages.add(pages.get(page).copy());
        }
        return copy;
    }

    @Override
    long byteCount() {
        long ofPosition = Integer.BYTES * (keyInts + valueInts) + Short.BYTES * (keyScales + valueScales);
        return ofPosition * heads * pagePositions * pageCount();
    }
}
