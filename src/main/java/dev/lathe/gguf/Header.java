package dev.lathe.gguf;

import java.util.List;

/**
 * Everything in one file before its data.
 *
 * @param dataOffset where in the file the data section begins
 */
record Header(int version, Metadata metadata, List<TensorInfo> tensors, long dataOffset) {
    static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    static final int LATEST_VERSION = 3;

    /** Bounds what a forged file can make a reader allocate; the largest known headers have about 15 MB. */
    static final int MAX_BYTES = 64 << 20;

    static final int MAX_NAME_BYTES = 65_535;
    static final int MAX_ARRAY_DEPTH = 8;

    static final String ALIGNMENT_KEY = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;
    static final int MAX_ALIGNMENT = 1 << 20;

    /**
     * The alignment that the metadata asks for.
     *
     * @throws GgufException if it is no power of two up to {@link #MAX_ALIGNMENT}
     */
    static long alignment(Metadata metadata) {
        long alignment = metadata.findInteger(ALIGNMENT_KEY).orElse(DEFAULT_ALIGNMENT);
        if (alignment < 1 || alignment > MAX_ALIGNMENT || Long.bitCount(alignment) != 1) {
            throw new GgufException(
                    "metadata " + ALIGNMENT_KEY + " is " + alignment + ", expected a power of two up to "
                            + MAX_ALIGNMENT,
                    metadata.byteOffset(ALIGNMENT_KEY));
        }
        return alignment;
    }

    /** The offset, or the next multiple of the alignment, a power of two. */
    static long align(long offset, long alignment) {
        return (offset + alignment - 1) & -alignment;
    }
}
