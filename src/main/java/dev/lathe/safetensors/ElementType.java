package dev.lathe.safetensors;

import java.util.Optional;

/** How the elements of a tensor are encoded, little-endian. */
public enum ElementType {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    C64(8),
    F64(8),
    I64(8),
    U64(8);

    private final int byteCount;

    ElementType(int byteCount) {
        this.byteCount = byteCount;
    }

    /** Bytes of one element. */
    public int byteCount() {
        return byteCount;
    }

    static Optional<ElementType> named(String name) {
        for (ElementType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
