package dev.lathe.gguf;

import java.util.List;

/** One immutable value of a file's metadata, with the exact type it has in the file. */
public sealed interface MetadataValue {
    /** The value's type; {@link MetadataType#ARRAY} for every array. */
    MetadataType type();

    /**
     * A whole number.
     *
     * @param type any integer type
     * @param value the number; from 2^63 on, an unsigned 64-bit value appears as the negative number of the same bits
     */
    record IntegerValue(MetadataType type, long value) implements MetadataValue {
        /** @throws IllegalArgumentException if the type is no integer type or does not hold the value */
        public IntegerValue {
            if (!type.isInteger() || !type.holds(value)) {
                throw new IllegalArgumentException(type + " does not hold the integer " + value);
            }
        }
    }

    /**
     * A floating-point number.
     *
     * @param type {@link MetadataType#FLOAT32} or {@link MetadataType#FLOAT64}
     * @param value the number
     */
    record FloatValue(MetadataType type, double value) implements MetadataValue {
        /** @throws IllegalArgumentException if the type is no float type or would round the value */
        public FloatValue {
            if (!type.isFloat() || type == MetadataType.FLOAT32 && Double.compare((float) value, value) != 0) {
                throw new IllegalArgumentException(type + " does not hold the number " + value);
            }
        }
    }

    /**
     * True or false.
     *
     * @param value the value
     */
    record BooleanValue(boolean value) implements MetadataValue {
        @Override
        public MetadataType type() {
            return MetadataType.BOOL;
        }
    }

    /**
     * A text.
     *
     * @param value the text, which UTF-8 can encode
     */
    record StringValue(String value) implements MetadataValue {
        /** @throws IllegalArgumentException if the text has unpaired surrogates */
        public StringValue {
            Utf8.encode(value);
        }

        @Override
        public MetadataType type() {
            return MetadataType.STRING;
        }
    }

    /** An array, its elements all of one type. */
    sealed interface ArrayValue extends MetadataValue permits PrimitiveArray, StringArray, NestedArray {
        @Override
        default MetadataType type() {
            return MetadataType.ARRAY;
        }

        /** The type of every element. */
        MetadataType elementType();

        /** The count of elements. */
        int length();
    }

    /**
     * An array of arrays, which may differ in length and element type.
     *
     * @param arrays the elements
     */
    record NestedArray(List<ArrayValue> arrays) implements ArrayValue {
        /** Copies the list. */
        public NestedArray {
            arrays = List.copyOf(arrays);
        }

        @Override
        public MetadataType elementType() {
            return MetadataType.ARRAY;
        }

        @Override
        public int length() {
            return arrays.size();
        }
    }
}
