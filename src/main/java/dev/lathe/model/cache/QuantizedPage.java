package dev.lathe.model.cache;

import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Keys and values as small integers with scales, rounded once when stored: a tile is unpacked to floats before it is
 * used, so attention is that of a float cache with the rounded numbers, to the bit.
 *
 * <p>Ints of keys lie as {@code [head][tile][keyInts][TILE positions]}, of values as {@code [head][P][valueInts]};
 * scales lie alike.
 */
final class QuantizedPage extends KvPage {
    private final CacheBlocks blocks;
    private final CacheKernels kernels;
    private final int keyInts;
    private final int keyScales;
    private final int valueInts;
    private final int valueScales;
    private final int[] keys; // packed integers
    private final short[] scalesOfKeys;
    private final int[] values;
    private final short[] scalesOfValues;

    QuantizedPage(PageShape shape, CacheBlocks blocks, CacheKernels kernels) {
        int count = Math.multiplyExact(shape.heads(), shape.positions());
        this(
                shape,
                blocks,
                kernels,
                new int[Math.multiplyExact(count, blocks.keyInts(shape.keySize()))],
                new short[Math.multiplyExact(count, CacheBlocks.scales(shape.keySize()))],
                new int[Math.multiplyExact(count, blocks.valueInts(shape.valueSize()))],
                new short[Math.multiplyExact(count, CacheBlocks.scales(shape.valueSize()))]);
    }

    private QuantizedPage(
            PageShape shape,
            CacheBlocks blocks,
            CacheKernels kernels,
            int[] keys,
            short[] scalesOfKeys,
            int[] values,
            short[] scalesOfValues) {
        super(shape);
        this.blocks = blocks;
        this.kernels = kernels;
        this.keyInts = blocks.keyInts(shape.keySize());
        this.keyScales = CacheBlocks.scales(shape.keySize());
        this.valueInts = blocks.valueInts(shape.valueSize());
        this.valueScales = CacheBlocks.scales(shape.valueSize());
        this.keys = keys;
        this.scalesOfKeys = scalesOfKeys;
        this.values = values;
        this.scalesOfValues = scalesOfValues;
    }

    @Override
    void write(int position, float[] newKeys, int keyOffset, float[] newValues, int valueOffset) {
        for (int head = 0; head < shape.heads(); head++) {
            blocks.writeKey(
                    newKeys,
                    keyOffset + head * shape.keySize(),
                    shape.keySize(),
                    keys,
                    shape.keyIndex(head, position, keyInts),
                    scalesOfKeys,
                    shape.keyIndex(head, position, keyScales));
            blocks.writeValue(
                    newValues,
                    valueOffset + head * shape.valueSize(),
                    shape.valueSize(),
                    values,
                    shape.valueIndex(head, position, valueInts),
                    scalesOfValues,
                    shape.valueIndex(head, position, valueScales));
        }
    }

    @Override
    public float[] keyTile(int head, int position, float[] scratch) {
        int ints = shape.keyIndex(head, position, keyInts);
        int scales = shape.keyIndex(head, position, keyScales);
        kernels.unpackKeys(blocks, keys, ints, scalesOfKeys, scales, shape.keySize(), scratch);
        return scratch;
    }

    @Override
    public float[] valueTile(int head, int position, float[] scratch) {
        int ints = shape.valueIndex(head, position, valueInts);
        int scales = shape.valueIndex(head, position, valueScales);
        kernels.unpackValues(blocks, values, ints, scalesOfValues, scales, shape.valueSize(), scratch);
        return scratch;
    }

    @Override
    void copyPosition(int from, KvPage page, int to) {
        QuantizedPage target = (QuantizedPage) page;
        for (int head = 0; head < shape.heads(); head++) {
            int fromInts = shape.keyIndex(head, from, keyInts);
            int toInts = shape.keyIndex(head, to, keyInts);
            for (int i = 0; i < keyInts; i++) {
                target.keys[toInts + i * PageShape.TILE] = keys[fromInts + i * PageShape.TILE];
            }
            int fromScales = shape.keyIndex(head, from, keyScales);
            int toScales = shape.keyIndex(head, to, keyScales);
            HalfPage.copyColumn(scalesOfKeys, fromScales, target.scalesOfKeys, toScales, keyScales);
            shape.copyValue(values, target.values, head, from, to, valueInts);
            shape.copyValue(scalesOfValues, target.scalesOfValues, head, from, to, valueScales);
        }
    }

    @Override
    KvPage copy() {
        return new QuantizedPage(
                shape, blocks, kernels, keys.clone(), scalesOfKeys.clone(), values.clone(), scalesOfValues.clone());
    }

    @Override
    KvPage like(PageShape other) {
        return new QuantizedPage(other, blocks, kernels);
    }

    static long byteCount(PageShape shape, CacheBlocks blocks) {
        long ints = blocks.keyInts(shape.keySize()) + blocks.valueInts(shape.valueSize());
        long scales = CacheBlocks.scales(shape.keySize()) + CacheBlocks.scales(shape.valueSize());
        return (Integer.BYTES * ints + Short.BYTES * scales) * shape.heads() * shape.positions();
    }

    @Override
    List<MemorySegment> contents() {
        return List.of(
                MemorySegment.ofArray(keys),
                MemorySegment.ofArray(scalesOfKeys),
                MemorySegment.ofArray(values),
                MemorySegment.ofArray(scalesOfValues));
    }
}
