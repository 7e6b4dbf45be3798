package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** Unpacking of keys and values as machine code. The door to the code, which checks nothing itself. */
final class MachineCache implements CacheKernels {
    private static final int TILE = AttentionKernels.TILE;
    private static final MemorySegment NONE = MemorySegment.NULL;

    private final Routines widen;
    private final Map<CacheBlocks, Routines> keys = new EnumMap<>(CacheBlocks.class);
    private final Map<CacheBlocks, Routines> values = new EnumMap<>(CacheBlocks.class);

    MachineCache(Target target, CodeMemory memory) {
        widen = new Routines(0, _ -> new ElementwiseCode(target.wide).widen(), memory);
        for (CacheBlocks blocks : CacheBlocks.values()) {
            CacheCode code = new CacheCode(target.wide, blocks);
            keys.put(blocks, new Routines(0, _ -> code.keys(), memory));
            values.put(blocks, new Routines(0, _ -> code.values(), memory));
        }
    }

    @Override
    public void unpackKeys(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        int ints = blocks.keyInts(size);
        Objects.checkFromIndexSize(at, ints * TILE, words.length);
        Objects.checkFromIndexSize(scaleAt, CacheBlocks.scales(size) * TILE, scales.length);
        Objects.checkFromIndexSize(0, ints * blocks.dimensionsPerInt() * TILE, tile.length);
        MemorySegment from = MemorySegment.ofArray(words).asSlice((long) Integer.BYTES * at);
        MemorySegment factors = MemorySegment.ofArray(scales).asSlice((long) Short.BYTES * scaleAt);
        keys.get(blocks).get(0).call(from, factors, MemorySegment.ofArray(tile), NONE, ints, 0, 0, 0);
    }

    @Override
    public void unpackValues(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        int count = CacheBlocks.scales(size);
        Objects.checkFromIndexSize(at, TILE * blocks.valueInts(size), words.length);
        Objects.checkFromIndexSize(scaleAt, TILE * count, scales.length);
        Objects.checkFromIndexSize(0, (TILE - 1) * size + count * CacheBlocks.SIZE, tile.length);
        MemorySegment from = MemorySegment.ofArray(words).asSlice((long) Integer.BYTES * at);
        MemorySegment factors = MemorySegment.ofArray(scales).asSlice((long) Short.BYTES * scaleAt);
        values.get(blocks)
                .get(0)
                .call(from, factors, MemorySegment.ofArray(tile), NONE, TILE, (long) Float.BYTES * size, count, 0);
    }

    @Override
    public void widen(short[] halves, int at, int count, float[] target) {
        Objects.checkFromIndexSize(at, count, halves.length);
        Objects.checkFromIndexSize(0, count, target.length);
        if (count % AttentionKernels.TILE != 0) {
            throw new IllegalArgumentException(
                    count + " halves are to be widened: expected a multiple of " + AttentionKernels.TILE);
        }
        if (count > 0) {
            MemorySegment from = MemorySegment.ofArray(halves).asSlice((long) Short.BYTES * at);
            int tiles = count / AttentionKernels.TILE;
            widen.get(0).call(from, MemorySegment.ofArray(target), NONE, NONE, tiles, 0, 0, 0);
        }
    }
}
