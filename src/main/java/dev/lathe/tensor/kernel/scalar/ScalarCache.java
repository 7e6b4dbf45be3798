package dev.lathe.tensor.kernel.scalar;

import dev.lathe.tensor.kernel.AttentionKernels;
import dev.lathe.tensor.kernel.CacheBlocks;
import dev.lathe.tensor.kernel.CacheKernels;

/** Unpacks quantized keys and values in plain Java: the reference of the vector form. */
final class ScalarCache implements CacheKernels {
    private static final int TILE = AttentionKernels.TILE;

    @Override
    public void unpackKeys(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        int inInt = blocks.dimensionsPerInt();
        for (int d = 0; d < size; d++) {
            int shift = d % inInt * blocks.bits();
            for (int position = 0; position < TILE; position++) {
                float scale = Float.float16ToFloat(scales[scaleAt + d / CacheBlocks.SIZE * TILE + position]);
                int integer = blocks.get(words[at + d / inInt * TILE + position], shift);
                tile[d * TILE + position] = integer * scale;
            }
        }
    }

    @Override
    public void unpackValues(
            CacheBlocks blocks, int[] words, int at, short[] scales, int scaleAt, int size, float[] tile) {
        for (int position = 0; position < TILE; position++) {
            for (int d = 0; d < size; d++) {
                int block = d / CacheBlocks.SIZE;
                int inBlock = d % CacheBlocks.SIZE;
                float scale = Float.float16ToFloat(scales[scaleAt + position * CacheBlocks.scales(size) + block]);
                int word = words[
                        at + position * blocks.valueInts(size) + block * blocks.blockInts() + blocks.valueInt(inBlock)];
                tile[position * size + d] = blocks.get(word, blocks.valueShift(inBlock)) * scale;
            }
        }
    }

    @Override
    public void widen(short[] halves, int at, int count, float[] target) {
        for (int i = 0; i < count; i++) {
            target[i] = Float.float16ToFloat(halves[at + i]);
        }
    }
}
