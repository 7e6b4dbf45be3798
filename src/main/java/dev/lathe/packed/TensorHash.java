package dev.lathe.packed;

import dev.lathe.file.Sha256;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/** SHA-256 of all tensors: names, types, dimensions and every byte, whatever file they are in. */
final class TensorHash {
    private static final int PIECE_BYTES = 8 << 20;
    private static final int BUFFER_BYTES = 1 << 16;

    private record Piece(TensorInfo tensor, long offset, long byteCount) {}

    private TensorHash() {}

    /**
     * The hash of a source's tensors, in their order.
     *
     * @throws IOException if they cannot be read
     */
    static byte[] of(TensorSource source, Workers workers) throws IOException {
        List<Piece> pieces = new ArrayList<>();
        MessageDigest all = Sha256.newDigest();
        for (TensorInfo tensor : source.tensors()) {
            String line = tensor.name() + '\n' + tensor.type() + tensor.dimensions() + '\n';
            all.update(line.getBytes(StandardCharsets.UTF_8));
            for (long offset = 0; offset < tensor.byteCount(); offset += PIECE_BYTES) {
                pieces.add(new Piece(tensor, offset, Math.min(PIECE_BYTES, tensor.byteCount() - offset)));
            }
        }
        byte[][] digests = new byte[pieces.size()][];
        try {
            workers.run(digests.length, i -> digests[i] = digest(source, pieces.get(i)));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (byte[] digest : digests) {
            all.update(digest);
        }
        return all.digest();
    }

    private static byte[] digest(TensorSource source, Piece piece) {
        MessageDigest digest = Sha256.newDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = source.map(piece.tensor(), piece.offset(), piece.byteCount(), arena);
            for (long at = 0; at < piece.byteCount(); at += BUFFER_BYTES) {
                int count = (int) Math.min(BUFFER_BYTES, piece.byteCount() - at);
                MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, buffer, 0, count);
                digest.update(ByteBuffer.wrap(buffer, 0, count));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digest.digest();
    }
}
