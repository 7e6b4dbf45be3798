package dev.lathe.gguf;

import dev.lathe.gguf.MetadataValue.ArrayValue;
import dev.lathe.gguf.MetadataValue.BooleanValue;
import dev.lathe.gguf.MetadataValue.FloatValue;
import dev.lathe.gguf.MetadataValue.IntegerValue;
import dev.lathe.gguf.MetadataValue.StringValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The keys and values of a file, in its order. Immutable and thread-safe.
 *
 * <p>The {@code find} methods are empty where the key is absent, their counterparts without {@code find} require it.
 * All throw a {@link GgufException} that names the key, the expected and the found type where the value has another
 * type: an option of the wrong type is never taken for an absent one.
 */
public final class Metadata {
    private final Map<String, MetadataValue> values;
    private final Map<String, Long> byteOffsets;

    private Metadata(Map<String, MetadataValue> values, Map<String, Long> byteOffsets) {
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        this.byteOffsets = Map.copyOf(byteOffsets);
    }

    /** An empty builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with all of these keys. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.values.putAll(values);
        builder.byteOffsets.putAll(byteOffsets);
        return builder;
    }

    /** The keys in order. */
    public Set<String> keys() {
        return values.keySet();
    }

    /** Whether there is a value of any type. */
    public boolean contains(String key) {
        return values.containsKey(key);
    }

    /** The value of any type. */
    public Optional<MetadataValue> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** A string, if present. */
    public Optional<String> findString(String key) {
        StringValue found = get(key, StringValue.class, "a string");
        return found == null ? Optional.empty() : Optional.of(found.value());
    }

    /** A required string. */
    public String string(String key) {
        return required(key, findString(key), "a string");
    }

    /** An integer of any width, if present; an unsigned one of 2^63 or more is an error. */
    public OptionalLong findInteger(String key) {
        IntegerValue found = get(key, IntegerValue.class, "an integer");
        if (found == null) {
            return OptionalLong.empty();
        }
        if (found.type() == MetadataType.UINT64 && found.value() < 0) {
            throw outOfRange(key, Long.toUnsignedString(found.value()), Long.MIN_VALUE, Long.MAX_VALUE);
        }
        return OptionalLong.of(found.value());
    }

    /** A required integer of any width; an unsigned one of 2^63 or more is an error. */
    public long integer(String key) {
        OptionalLong found = findInteger(key);
        if (found.isEmpty()) {
            throw missing(key, "an integer");
        }
        return found.getAsLong();
    }

    /** A required integer of any width whose value fits in an {@code int}. */
    public int intValue(String key) {
        return toInt(key, integer(key));
    }

    /** A floating-point number or an integer, if present. */
    public OptionalDouble findNumber(String key) {
        if (values.get(key) instanceof FloatValue found) {
            return OptionalDouble.of(found.value());
        }
        if (contains(key) && !(values.get(key) instanceof IntegerValue)) {
            throw wrongType(key, "a number");
        }
        OptionalLong found = findInteger(key);
        return found.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(found.getAsLong());
    }

    /** A required floating-point number or integer. */
    public double number(String key) {
        OptionalDouble found = findNumber(key);
        if (found.isEmpty()) {
            throw missing(key, "a number");
        }
        return found.getAsDouble();
    }

    /** A boolean, if present. */
    public Optional<Boolean> findBoolean(String key) {
        BooleanValue found = get(key, BooleanValue.class, "a boolean");
        return found == null ? Optional.empty() : Optional.of(found.value());
    }

    /** An array of strings, if present: an immutable list with fast random access that decodes at each access. */
    public Optional<List<String>> findStrings(String key) {
        StringArray found = get(key, StringArray.class, "an array of strings");
        return found == null ? Optional.empty() : Optional.of(found.asList());
    }

    /** A required array of strings as it lies in the file. */
    public StringArray stringArray(String key) {
        Optional<StringArray> found = Optional.ofNullable(get(key, StringArray.class, "an array of strings"));
        return required(key, found, "an array of strings");
    }

    /** A required array of strings: an immutable list with fast random access that decodes at each access. */
    public List<String> strings(String key) {
        return required(key, findStrings(key), "an array of strings");
    }

    /** An array of integers of any width that all fit in an {@code int}, if present; a copy. */
    public Optional<int[]> findInts(String key) {
        PrimitiveArray found = get(key, PrimitiveArray.class, "an array of integers");
        if (found == null) {
            return Optional.empty();
        }
        if (!found.elementType().isInteger()) {
            throw wrongType(key, "an array of integers");
        }
        int[] ints = new int[found.length()];
        if (found.elementType() == MetadataType.INT32) {
            found.bytes().asIntBuffer().get(ints);
        } else {
            for (int i = 0; i < ints.length; i++) {
                ints[i] = toInt(key, found.integerAt(i));
            }
        }
        return Optional.of(ints);
    }

    /** A required array of integers of any width that all fit in an {@code int}; a copy. */
    public int[] ints(String key) {
        return required(key, findInts(key), "an array of integers");
    }

    /** An array of 32-bit floating-point numbers, if present; a copy. */
    public Optional<float[]> findFloats(String key) {
        PrimitiveArray found = get(key, PrimitiveArray.class, "an array of FLOAT32");
        if (found == null) {
            return Optional.empty();
        }
        if (found.elementType() != MetadataType.FLOAT32) {
            throw wrongType(key, "an array of FLOAT32");
        }
        float[] floats = new float[found.length()];
        found.bytes().asFloatBuffer().get(floats);
        return Optional.of(floats);
    }

    /** A required array of 32-bit floating-point numbers; a copy. */
    public float[] floats(String key) {
        return required(key, findFloats(key), "an array of FLOAT32");
    }

    /** An array of booleans, if present; a copy. */
    public Optional<boolean[]> findBooleans(String key) {
        PrimitiveArray found = get(key, PrimitiveArray.class, "an array of booleans");
        if (found == null) {
            return Optional.empty();
        }
        if (found.elementType() != MetadataType.BOOL) {
            throw wrongType(key, "an array of booleans");
        }
        boolean[] booleans = new boolean[found.length()];
        for (int i = 0; i < booleans.length; i++) {
            booleans[i] = found.integerAt(i) != 0;
        }
        return Optional.of(booleans);
    }

    /** Where the value's type stands in the file it was read from, or -1. */
    long byteOffset(String key) {
        return byteOffsets.getOrDefault(key, -1L);
    }

    /** Whether both have the same keys and values in the same order. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Metadata metadata
                && values.equals(metadata.values)
                && List.copyOf(keys()).equals(List.copyOf(metadata.keys()));
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }

    private <V extends MetadataValue> V get(String key, Class<V> expectedClass, String expected) {
        MetadataValue value = values.get(key);
        if (value != null && !expectedClass.isInstance(value)) {
            throw wrongType(key, expected);
        }
        return expectedClass.cast(value);
    }

    private int toInt(String key, long value) {
        if (value != (int) value) {
            throw outOfRange(key, Long.toString(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        return (int) value;
    }

    private <T> T required(String key, Optional<T> found, String expected) {
        if (found.isEmpty()) {
            throw missing(key, expected);
        }
        return found.get();
    }

    private static GgufException missing(String key, String expected) {
        return new GgufException("metadata " + key + " is missing, expected " + expected, -1);
    }

    private GgufException wrongType(String key, String expected) {
        MetadataValue found = values.get(key);
        String type = found instanceof ArrayValue array
                ? "array of " + array.elementType()
                : found.type().name();
        return new GgufException("metadata " + key + " has type " + type + ", expected " + expected, byteOffset(key));
    }

    private GgufException outOfRange(String key, String found, long least, long most) {
        return new GgufException(
                "metadata " + key + " holds " + found + ", expected " + least + " to " + most, byteOffset(key));
    }

    /** Collects keys and values in order; putting a key again replaces its value and keeps its place. */
    public static final class Builder {
        private final Map<String, MetadataValue> values = new LinkedHashMap<>();
        private final Map<String, Long> byteOffsets = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Puts a value of any type.
         *
         * @throws IllegalArgumentException if the key is empty, longer than 65535 bytes or UTF-8 cannot encode it
         */
        public Builder put(String key, MetadataValue value) {
            int keyBytes = Utf8.encode(key).length;
            if (keyBytes == 0 || keyBytes > Header.MAX_NAME_BYTES) {
                throw new IllegalArgumentException(
                        "a metadata key has " + keyBytes + " bytes, expected 1 to " + Header.MAX_NAME_BYTES);
            }
            values.put(key, value);
            byteOffsets.remove(key);
            return this;
        }

        /** Puts what a file holds at an offset; the reader has checked the key. */
        Builder put(String key, MetadataValue value, long byteOffset) {
            values.put(key, value);
            byteOffsets.put(key, byteOffset);
            return this;
        }

        /** Puts a string. */
        public Builder string(String key, String value) {
            return put(key, new StringValue(value));
        }

        /** Puts an unsigned 32-bit integer, the usual type of counts and sizes. */
        public Builder uint32(String key, long value) {
            return put(key, new IntegerValue(MetadataType.UINT32, value));
        }

        /** Puts a 32-bit floating-point number, the usual type of real hyperparameters. */
        public Builder float32(String key, float value) {
            return put(key, new FloatValue(MetadataType.FLOAT32, value));
        }

        /** Puts a boolean. */
        public Builder bool(String key, boolean value) {
            return put(key, new BooleanValue(value));
        }

        /** Puts an array of strings. */
        public Builder strings(String key, List<String> values) {
            return put(key, StringArray.of(values));
        }

        /** Puts an array of signed 32-bit integers. */
        public Builder ints(String key, int... values) {
            return put(key, PrimitiveArray.of(values));
        }

        /** Puts an array of 32-bit floating-point numbers. */
        public Builder floats(String key, float... values) {
            return put(key, PrimitiveArray.of(values));
        }

        /** Removes a key, if present. */
        public Builder remove(String key) {
            values.remove(key);
            byteOffsets.remove(key);
            return this;
        }

        /** Whether the key was put. */
        boolean contains(String key) {
            return values.containsKey(key);
        }

        /** The metadata collected so far. */
        public Metadata build() {
            return new Metadata(values, byteOffsets);
        }
    }
}
