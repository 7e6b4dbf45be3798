package dev.lathe.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** An immutable array of numbers or booleans, kept as the file's own bytes. */
public final class PrimitiveArray implements MetadataValue.ArrayValue {
    private final MetadataType elementType;
    private final ByteBuffer elements;

    /** Takes the bytes over; the caller has checked that booleans are 0 or 1. */
    PrimitiveArray(MetadataType elementType, byte[] littleEndian) {
        this.elementType = elementType;
        this.elements = ByteBuffer.wrap(littleEndian).order(ByteOrder.LITTLE_ENDIAN);
    }

    private PrimitiveArray(MetadataType elementType, int length) {
        this(elementType, new byte[Math.multiplyExact(length, elementType.smallestBytes())]);
    }

    /**
     * An array of one of the integer types.
     *
     * @throws IllegalArgumentException if the type is no integer type or does not hold a value
     */
    public static PrimitiveArray integers(MetadataType elementType, long... values) {
        PrimitiveArray array = new PrimitiveArray(elementType, values.length);
        ByteBuffer target = array.bytes();
        for (long value : values) {
            elementType.putInteger(target, new IntegerValue(elementType, value).value());
        }
        return array;
    }

    /** An array of {@link MetadataType#INT32}. */
    public static PrimitiveArray of(int... values) {
        PrimitiveArray array = new PrimitiveArray(MetadataType.INT32, values.length);
        array.bytes().asIntBuffer().put(values);
        return array;
    }

    /** An array of {@link MetadataType#FLOAT32}. */
    public static PrimitiveArray of(float... values) {
        PrimitiveArray array = new PrimitiveArray(MetadataType.FLOAT32, values.length);
        array.bytes().asFloatBuffer().put(values);
        return array;
    }

    /** An array of {@link MetadataType#FLOAT64}. */
    public static PrimitiveArray of(double... values) {
        PrimitiveArray array = new PrimitiveArray(MetadataType.FLOAT64, values.length);
        array.bytes().asDoubleBuffer().put(values);
        return array;
    }

    /** An array of {@link MetadataType#BOOL}. */
    public static PrimitiveArray of(boolean... values) {
        PrimitiveArray array = new PrimitiveArray(MetadataType.BOOL, values.length);
        ByteBuffer target = array.bytes();
        for (boolean value : values) {
            target.put((byte) (value ? 1 : 0));
        }
        return array;
    }

    @Override
    public MetadataType elementType() {
        return elementType;
    }

    @Override
    public int length() {
        return elements.capacity() / elementType.smallestBytes();
    }

    /**
     * An element of an integer array, or 0 or 1 of an array of booleans.
     *
     * @throws IllegalStateException if this is an array of floating-point numbers
     */
    public long integerAt(int index) {
        return elementType.integerAt(elements, index * elementType.smallestBytes());
    }

    /** An element as a floating-point number, of any numeric array. */
    public double numberAt(int index) {
        return elementType.isFloat()
                ? elementType.floatAt(elements, index * elementType.smallestBytes())
                : integerAt(index);
    }

    /** Little-endian bytes from the first to the last, at position 0; for this package only, nobody else may write. */
    ByteBuffer bytes() {
        return elements.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PrimitiveArray array
                && elementType == array.elementType
                && elements.equals(array.elements);
    }

    @Override
    public int hashCode() {
        return 31 * elementType.hashCode() + elements.hashCode();
    }

    @Override
    public String toString() {
        return elementType + "[" + length() + "]";
    }
}
