package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * Super-blocks of 256 whose groups have a signed integer scale each, under one scale of 16 bits: Q3_K, Q6_K and IQ4_XS. How
 * the integers are packed is the subclass's.
 */
abstract class SymmetricSuperLayout extends BlockLayout {
    private final int halfAt;
    private final int lowestInteger;

    /**
     * @param halfAt byte of the scale of scales
     * @param lowestInteger that a group's scale can be; the greatest is one less in magnitude
     */
    SymmetricSuperLayout(TensorType type, int groupSize, float[] levels, int halfAt, int lowestInteger) {
        super(type, groupSize, levels);
        this.halfAt = halfAt;
        this.lowestInteger = lowestInteger;
    }

    final int lowestInteger() {
        return lowestInteger;
    }

    @Override
    public abstract int scale(byte[] source, int at, int group);

    /** Writes the integers of all groups. */
    abstract void writeIntegers(byte[] scales, byte[] target, int at);

    final void writeScales(float unit, byte[] scales, byte[] target, int at) {
        LittleEndian.setHalf(target, at + halfAt, unit);
        writeIntegers(scales, target, at);
    }

    @Override
    public int scaleBits(byte[] source, int at, int index) {
        return LittleEndian.int16(source, at + halfAt);
    }

    @Override
    final void readScales(byte[] source, int at, float[] scales, float[] minima) {
        float unit = LittleEndian.half(source, at + halfAt);
        for (int group = 0; group < groups(); group++) {
            scales[group] = unit * scale(source, at, group);
        }
    }
}
