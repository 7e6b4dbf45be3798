package dev.lathe.tensor.codec;

import dev.lathe.tensor.TensorType;

/**
 * Super-blocks of 256 whose groups have an integer scale and an integer minimum each, under one scale of both: Q2_K, Q4_K
 * and Q5_K. How the integers are packed is the subclass's.
 */
abstract class AffineSuperLayout extends BlockLayout {
    private final int halvesAt;
    private final int greatestInteger;

    /**
     * @param halvesAt byte of the scale of scales, which the scale of minima follows
     * @param greatestInteger that a group's scale or minimum can be
     */
    AffineSuperLayout(TensorType type, int groupSize, int bits, int halvesAt, int greatestInteger) {
        super(type, groupSize, integers(0, (1 << bits) - 1));
        this.halvesAt = halvesAt;
        this.greatestInteger = greatestInteger;
    }

    final int greatestInteger() {
        return greatestInteger;
    }

    @Override
    public abstract int scale(byte[] source, int at, int group);

    @Override
    public abstract int minimum(byte[] source, int at, int group);

    /** Writes the integers of all groups. */
    abstract void writeIntegers(byte[] scales, byte[] minima, byte[] target, int at);

    final void writeScales(float scaleUnit, float minimumUnit, byte[] scales, byte[] minima, byte[] target, int at) {
        LittleEndian.setHalf(target, at + halvesAt, scaleUnit);
        LittleEndian.setHalf(target, at + halvesAt + 2, minimumUnit);
        writeIntegers(scales, minima, target, at);
    }

    @Override
    public int scaleBits(byte[] source, int at, int index) {
        return LittleEndian.int16(source, at + halvesAt + 2 * index);
    }

    @Override
    final void readScales(byte[] source, int at, float[] scales, float[] minima) {
        float scaleUnit = LittleEndian.half(source, at + halvesAt);
        float minimumUnit = LittleEndian.half(source, at + halvesAt + 2);
        for (int group = 0; group < groups(); group++) {
            scales[group] = scaleUnit * scale(source, at, group);
            minima[group] = minimumUnit * minimum(source, at, group);
        }
    }
}
