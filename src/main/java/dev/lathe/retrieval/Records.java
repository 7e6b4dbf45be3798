package dev.lathe.retrieval;

import dev.lathe.tensor.codec.BlockCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * What stands in the records of a datastore's file. The first byte of a body is its kind: the header (a text), an entry
 * (label in 4 bytes, encoded vector, payload), or a removal (ids of 4 bytes each). Numbers are little-endian.
 * Stateless.
 */
final class Records {
    private static final byte HEADER = 0;
    private static final byte ENTRY = 1;
    private static final byte REMOVAL = 2;

    /** Where an entry's vector begins in its body. */
    static final int VECTOR = 5;

    /** A record that was read. */
    sealed interface Read {}

    /** What the file holds; it is that which was asked for. */
    record Header() implements Read {}

    /** An entry; the body is the caller's own. */
    record Added(int label, byte[] body) implements Read {}

    /** Entries that are not there any more. */
    record Removed(List<Integer> ids) implements Read {}

    private final Path file;
    private final DatastoreOptions options;
    private final BlockCodec codec;
    private final int vectorBytes;

    Records(Path file, DatastoreOptions options) {
        this.file = file;
        this.options = options;
        codec = BlockCodec.of(options.type());
        vectorBytes = Math.toIntExact(options.type().byteCount(options.dimensions()));
    }

    static int mostBytes(DatastoreOptions options) {
        return VECTOR + Math.toIntExact(options.type().byteCount(options.dimensions())) + Entry.MOST_PAYLOAD;
    }

    /** Where an entry's payload begins in its body. */
    int payload() {
        return VECTOR + vectorBytes;
    }

    byte[] header() {
        return ("\0" + description()).getBytes(StandardCharsets.UTF_8);
    }

    private String description() {
        return options.dimensions() + " " + options.type() + " " + options.similarity() + " " + options.origin();
    }

    /** An entry's body; {@code index} names it where it is refused. */
    byte[] entry(Entry entry, int index) {
        float[] vector = prepared(entry.vector(), "the vector of entry " + index);
        byte[] body = new byte[payload() + entry.payload().length];
        body[0] = ENTRY;
        ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).putInt(1, entry.label());
        codec.encode(vector, 0, null, 0, body, VECTOR, vector.length);
        System.arraycopy(entry.payload(), 0, body, payload(), entry.payload().length);
        return body;
    }

    Added added(byte[] body) {
        return new Added(ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).getInt(1), body);
    }

    static byte[] removal(Collection<Integer> ids) {
        ByteBuffer body = ByteBuffer.allocate(1 + Integer.BYTES * ids.size()).order(ByteOrder.LITTLE_ENDIAN);
        body.put(REMOVAL);
        ids.forEach(body::putInt);
        return body.array();
    }

    /**
     * Reads a body.
     *
     * @param size entries read before
     */
    Read read(ByteBuffer body, long position, int size) throws IOException {
        byte kind = body.remaining() == 0 ? -1 : body.get(body.position());
        boolean isFirst = position == RecordLog.MAGIC.length + RecordLog.FRAME_BYTES;
        if (isFirst != (kind == HEADER)) {
            throw unknown(position);
        }
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        if (kind == HEADER) {
            String found = new String(bytes, 1, bytes.length - 1, StandardCharsets.UTF_8);
            if (!found.equals(description())) {
                throw new DatastoreException(
                        file,
                        "holds vectors of \"" + found + "\", but \"" + description()
                                + "\" was asked for (dimensions, type, similarity, origin): open it as what it is, or"
                                + " another file");
            }
            return new Header();
        } else if (kind == ENTRY && bytes.length >= payload()) {
            return added(bytes);
        } else if (kind == REMOVAL && bytes.length % Integer.BYTES == 1) {
            ByteBuffer ids =
                    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(1);
            List<Integer> removed = new ArrayList<>();
            while (ids.hasRemaining()) {
                int id = ids.getInt();
                if (id < 0 || id >= size) {
                    throw unknown(position);
                }
                removed.add(id);
            }
            return new Removed(removed);
        }
        throw unknown(position);
    }

    private DatastoreException unknown(long position) {
        return new DatastoreException(
                file,
                "has a record of an unknown kind at byte " + position + ": it was written by another version of Lathe");
    }

    /** A vector, checked; a copy of length 1 where cosines are compared. */
    float[] prepared(float[] vector, String name) {
        if (vector.length != options.dimensions()) {
            throw new IllegalArgumentException(name + " has " + vector.length + " numbers: expected "
                    + options.dimensions() + ", as all vectors of " + file);
        }
        double square = 0;
        for (float value : vector) {
            square += (double) value * value;
        }
        if (!Double.isFinite(square)) {
            throw new IllegalArgumentException(name + " has numbers that are not finite");
        }
        if (options.similarity() != Similarity.COSINE) {
            return vector;
        }
        if (square == 0) {
            throw new IllegalArgumentException(name + " is all zeros, which has no cosine with another vector");
        }
        float[] unit = new float[vector.length];
        double length = Math.sqrt(square);
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / length);
        }
        return unit;
    }

    /** Whether a record in the file has this body. */
    boolean isSame(RecordLog log, long position, int length, byte[] body) {
        try {
            return length == body.length && Arrays.equals(log.read(position, length), body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long hash(byte[] body) {
        CRC32 high = new CRC32();
        CRC32C low = new CRC32C();
        high.update(body);
        low.update(body);
        return high.getValue() << 32 | low.getValue();
    }
}
