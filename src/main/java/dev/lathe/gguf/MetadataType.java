package dev.lathe.gguf;

import java.nio.ByteBuffer;

/** The types a metadata value can have. A type's number in a file is its {@link #ordinal()}. */
public enum MetadataType {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    /** One byte, 0 or 1. */
    BOOL(1),
    /** A 64-bit length, then as many bytes of UTF-8. */
    STRING(8),
    /** A 32-bit element type, a 64-bit length, then as many elements. */
    ARRAY(12),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private static final MetadataType[] BY_ID = values();

    private final int smallestBytes;

    MetadataType(int smallestBytes) {
        this.smallestBytes = smallestBytes;
    }

    /** The type with this number in a file, or null. */
    static MetadataType ofId(int id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    /** The bytes of a value, or of the shortest one for strings and arrays. */
    int smallestBytes() {
        return smallestBytes;
    }

    /** Whether values are whole numbers. */
    public boolean isInteger() {
        return isUnsigned() || this == INT8 || this == INT16 || this == INT32 || this == INT64;
    }

    /** Whether values are floating-point numbers. */
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64;
    }

    private boolean isUnsigned() {
        return this == UINT8 || this == UINT16 || this == UINT32 || this == UINT64;
    }

    /** Whether this integer type holds the value; {@link #UINT64} holds any, read as unsigned. */
    boolean holds(long value) {
        int unused = 64 - 8 * smallestBytes;
        return value == (isUnsigned() ? value << unused >>> unused : value << unused >> unused);
    }

    /** The integer (or the boolean as 0 or 1) at an index of a little-endian buffer. */
    long integerAt(ByteBuffer buffer, int index) {
        return switch (this) {
            case UINT8 -> buffer.get(index) & 0xFF;
            case INT8, BOOL -> buffer.get(index);
            case UINT16 -> buffer.getShort(index) & 0xFFFF;
            case INT16 -> buffer.getShort(index);
            case UINT32 -> buffer.getInt(index) & 0xFFFF_FFFFL;
            case INT32 -> buffer.getInt(index);
            case UINT64, INT64 -> buffer.getLong(index);
            default -> throw new IllegalStateException(this + " is no integer type");
        };
    }

    /** The floating-point number at an index of a little-endian buffer. */
    double floatAt(ByteBuffer buffer, int index) {
        return this == FLOAT32 ? buffer.getFloat(index) : buffer.getDouble(index);
    }

    /** Appends an integer (or a boolean as 0 or 1) to a little-endian buffer. */
    void putInteger(ByteBuffer buffer, long value) {
        switch (smallestBytes) {
            case 1 -> buffer.put((byte) value);
            case 2 -> buffer.putShort((short) value);
            case 4 -> buffer.putInt((int) value);
            default -> buffer.putLong(value);
        }
    }

    /** Appends a floating-point number to a little-endian buffer. */
    void putFloat(ByteBuffer buffer, double value) {
        if (this == FLOAT32) {
            buffer.putFloat((float) value);
        } else {
            buffer.putDouble(value);
        }
    }
}
