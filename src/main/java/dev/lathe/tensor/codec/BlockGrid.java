package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;
import java.util.Objects;

/**
 * The numbers that one block can hold once its scales are chosen: for transforms that choose each element themselves, such
 * as GPTQ, and write the block when they are done.
 *
 * <p>There is a grid for every type that {@link BlockCodec} encodes as integers under scales: all but plain numbers. Immutable and thread-safe; it keeps its own copy of the scales.
 */
public final class BlockGrid {
    private final BlockLayout layout;
    private final byte[] block;
    private final float[] scales;
    private final float[] minima;

    private BlockGrid(BlockLayout layout, byte[] block) {
        this.layout = layout;
        this.block = block;
        this.scales = new float[layout.groups()];
        this.minima = new float[layout.groups()];
        layout.readScales(block, 0, scales, minima);
    }

    /**
     * Chooses a block's scales as {@link BlockCodec#encode} does.
     *
     * @param type a type with a grid
     * @param values the elements that the scales shall fit; a block of them is read
     * @param offset index of the first element
     * @param importances as for {@link BlockCodec#encode}, or null
     * @param importanceOffset index of the first element's importance
     * @throws IllegalArgumentException if the type has no grid, or as {@link BlockCodec#encode} throws
     */
    public static BlockGrid fit(
            TensorType type, float[] values, int offset, float[] importances, int importanceOffset) {
        BlockLayout layout = layout(type);
        byte[] block = new byte[type.blockBytes()];
        BlockCodec.of(type).encode(values, offset, importances, importanceOffset, block, 0, type.blockSize());
        return new BlockGrid(layout, block);
    }

    /**
     * The grid of an encoded block.
     *
     * @throws IllegalArgumentException if the type has no grid
     */
    public static BlockGrid of(TensorType type, byte[] blocks, int offset) {
        Objects.checkFromIndexSize(offset, type.blockBytes(), blocks.length);
        byte[] block = new byte[type.blockBytes()];
        System.arraycopy(blocks, offset, block, 0, block.length);
        return new BlockGrid(layout(type), block);
    }

    private static BlockLayout layout(TensorType type) {
        if (BlockCodec.of(type) instanceof ScaledCodec codec && codec.encodes()) {
            return codec.layout();
        }
        throw new IllegalArgumentException("blocks of type " + type + " have no scales that make a grid");
    }

    /** The type of the block. */
    public TensorType type() {
        return layout.type();
    }

    /** Elements of the block. */
    public int size() {
        return layout.size();
    }

    /**
     * The number nearest to a value that an element of the block can have; a number that it can have is returned as it is.
     *
     * @param index of the element, in {@code [0, size())}
     * @param value finite
     */
    public float nearest(int index, float value) {
        int group = index / layout.groupSize();
        return valueOf(group, nearestCode(group, value));
    }

    /**
     * Writes the block: each element becomes the {@link #nearest} number, so what {@code nearest} returned before is written
     * exactly.
     *
     * @param values a block of elements
     * @param offset index of the first element
     * @param target receives the block
     * @param targetOffset byte of the block
     */
    public void encode(float[] values, int offset, byte[] target, int targetOffset) {
        Objects.checkFromIndexSize(offset, size(), values.length);
        Objects.checkFromIndexSize(targetOffset, block.length, target.length);
        byte[] codes = new byte[size()];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (byte) nearestCode(i / layout.groupSize(), values[offset + i]);
        }
        System.arraycopy(block, 0, target, targetOffset, block.length);
        layout.writeCodes(codes, target, targetOffset);
    }

    private float valueOf(int group, int code) {
        return scales[group] * layout.levels()[code] - minima[group];
    }

    /** The lowest of the codes whose values are nearest. */
    private int nearestCode(int group, float value) {
        int nearest = layout.firstCode();
        float best = valueOf(group, nearest);
        for (int code = nearest + 1; code <= layout.lastCode(); code++) {
            float other = valueOf(group, code);
            double middle = ((double) best + other) / 2; // distances from a large value would be rounded to equal ones
            if (other > best ? value > middle : other < best && value < middle) {
                nearest = code;
                best = other;
            }
        }
        return nearest;
    }
}
