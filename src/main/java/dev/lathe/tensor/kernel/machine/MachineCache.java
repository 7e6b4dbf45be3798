package dev.lathe.tensor.kernel.machine;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;
import dev.lathe.tensor.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Unpacking of keys and values: halves as machine code, quantized ones by another set, which is asked for when the
 * first of them is unpacked. The door to the code, which checks nothing itself.
 */
final class MachineCache implements CacheKernels {
    private final Supplier<Kernels> base;
    private final Routines widen;

    MachineCache(Target target, Supplier<Kernels> base, Arena arena) {
        this.base = base;
        widen = new Routines(0, _ -> new ElementwiseCode(target.wide).widen(), arena);
    }

    @Override
    public void unpackKeys(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        base.get().cache().unpackKeys(blocks, words, at, scales, scaleAt, size, tile);
    }

    @Override
    public void unpackValues(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        base.get().cache().unpackValues(blocks, words, at, scales, scaleAt, size, tile);
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
            MemorySegment none = MemorySegment.NULL;
            MemorySegment from = MemorySegment.ofArray(halves).asSlice((long) Short.BYTES * at);
            int tiles = count / AttentionKernels.TILE;
            widen.get(0).call(from, MemorySegment.ofArray(target), none, none, tiles, 0, 0, 0);
        }
    }
}
