package dev.lathe.compress;

import dev.lathe.file.Sha256;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** Tells models apart by their weights: SHA-256 of all tensors by name, whatever file they lie in. */
public final class SourceHash {
    private static final long PIECE = 64 << 20;

    private SourceHash() {}

    /**
     * The hash in hexadecimal digits: over the tensors in the order of their names, of {@code name type dimensions} and a line
     * break in UTF-8, then the tensor's bytes.
     *
     * @throws IOException if the source cannot be read
     */
    public static String of(TensorSource source) throws IOException {
        MessageDigest digest = Sha256.newDigest();
        List<TensorInfo> tensors = source.tensors().stream()
                .sorted(Comparator.comparing(TensorInfo::name))
                .toList();
        for (TensorInfo tensor : tensors) {
            String head = tensor.name() + " " + tensor.type() + " " + tensor.dimensions() + "\n";
            digest.update(head.getBytes(StandardCharsets.UTF_8));
            for (long at = 0; at < tensor.byteCount(); at += PIECE) {
                try (Arena arena = Arena.ofConfined()) {
                    long count = Math.min(PIECE, tensor.byteCount() - at);
                    digest.update(source.map(tensor, at, count, arena).asByteBuffer());
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
