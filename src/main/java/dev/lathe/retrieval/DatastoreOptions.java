package dev.lathe.retrieval;

import dev.lathe.tensor.TensorType;
import dev.lathe.tensor.codec.BlockCodec;
import dev.lathe.tensor.pack.LinearLoader;
import java.util.Objects;

/**
 * What a datastore holds. All but {@code deduplicates} is written into the file and must be the same when it is opened
 * again. Immutable; each method named after a component returns changed options.
 *
 * @param dimensions length of the vectors; whole blocks of the type
 * @param type how vectors are stored: F32, F16, BF16, or a quantized type such as Q8_0, whose products quantize queries
 *     too
 * @param similarity what is nearest
 * @param origin what made the vectors, such as a model's name: vectors of another origin are not to be compared with
 *     these
 * @param deduplicates whether an entry equal to a live one in vector, label and payload is not appended again
 */
public record DatastoreOptions(
        int dimensions, TensorType type, Similarity similarity, String origin, boolean deduplicates) {
    private static final int MOST_DIMENSIONS = 1 << 16;
    private static final int MOST_ORIGIN = 1000;

    /** Checks that the type can be stored and searched. */
    public DatastoreOptions {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(similarity, "similarity");
        if (origin.length() > MOST_ORIGIN) {
            throw new IllegalArgumentException(
                    "an origin of " + origin.length() + " characters: expected at most " + MOST_ORIGIN);
        }
        if (!LinearLoader.supportedTypes().contains(type)
                || !BlockCodec.types().contains(type)
                || !BlockCodec.of(type).encodes()) {
            throw new IllegalArgumentException(
                    "vectors of type " + type + " cannot be stored and searched: expected F32, F16, BF16 or Q8_0");
        }
        if (dimensions < 1 || dimensions > MOST_DIMENSIONS || dimensions % type.blockSize() != 0) {
            throw new IllegalArgumentException(dimensions + " dimensions of type " + type + ": expected a multiple of "
                    + type.blockSize() + " from 1 to " + MOST_DIMENSIONS);
        }
    }

    /** Vectors in F32 by cosine, of no origin, whose equal entries are all kept. */
    public static DatastoreOptions of(int dimensions) {
        return new DatastoreOptions(dimensions, TensorType.F32, Similarity.COSINE, "", false);
    }

    /** How vectors are stored. */
    public DatastoreOptions type(TensorType other) {
        return new DatastoreOptions(dimensions, other, similarity, origin, deduplicates);
    }

    /** What is nearest. */
    public DatastoreOptions similarity(Similarity other) {
        return new DatastoreOptions(dimensions, type, other, origin, deduplicates);
    }

    /** What made the vectors. */
    public DatastoreOptions origin(String other) {
        return new DatastoreOptions(dimensions, type, similarity, other, deduplicates);
    }

    /** Whether an entry equal to a live one is not appended again. */
    public DatastoreOptions deduplicates(boolean whether) {
        return new DatastoreOptions(dimensions, type, similarity, origin, whether);
    }
}
