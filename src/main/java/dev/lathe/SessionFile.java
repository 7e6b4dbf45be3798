package dev.lathe;

import dev.lathe.decode.EvaluatedText;
import dev.lathe.file.InputFile;
import dev.lathe.file.OutputFile;
import dev.lathe.file.StagedFiles;
import dev.lathe.model.InferenceState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A text with its keys and values in a file: a header, the tokens, the state, and a checksum of all of it, in the
 * machine's byte order. Header: magic number, version, tokens, and a checksum of the logits after the last token.
 */
final class SessionFile {
    private static final long MAGIC = 0x5458_4554_4548_544cL; // "LTHETEXT", little-endian
    private static final long VERSION = 1;
    private static final int HEADER = 4 * Long.BYTES;
    private static final int BUFFER = 1 << 20;

    private SessionFile() {}

    static void write(Path file, EvaluatedText text) throws IOException {
        InferenceState.Snapshot snapshot = text.state().snapshot();
        try (StagedFiles staged = new StagedFiles(List.of(file))) {
            try (OutputFile output = staged.create(0)) {
                SummedChannel summed = new SummedChannel(output);
                summed.write(SummedChannel.longs(MAGIC, VERSION, text.length(), HeldText.logitsSum(text)));
                summed.write(SummedChannel.ints(text.tokens()));
                snapshot.write(summed);
                output.write(SummedChannel.longs(summed.sum()));
            }
            staged.commit();
        }
    }

    static void read(Path file, EvaluatedText text, int vocabularySize) throws IOException {
        check(file);
        try (InputFile input = InputFile.open(file)) {
            ByteBuffer header = buffer(HEADER);
            input.fill(header);
            long count = header.flip().getLong(2 * Long.BYTES);
            if (count > text.state().capacity()) {
                throw new IllegalArgumentException(file + " holds " + count + " tokens, this session at most "
                        + text.state().capacity() + ": open one with a longer context");
            }
            int[] tokens = new int[(int) count];
            ByteBuffer ints = buffer(tokens.length * Integer.BYTES);
            input.fill(ints);
            ints.flip().asIntBuffer().get(tokens);
            HeldText.checkTokens(file.toString(), tokens, vocabularySize);
            HeldText before = HeldText.of(text);
            text.state().read(input);
            before.replaceBy(file.toString(), tokens, header.getLong(3 * Long.BYTES));
        }
    }

    /** Reads all of the file: the magic number, the version, the count of tokens, the checksum at its end. */
    private static void check(Path file) throws IOException {
        try (InputFile input = InputFile.open(file)) {
            ByteBuffer header = buffer(HEADER);
            input.fill(header);
            if (header.hasRemaining() || header.flip().getLong(0) != MAGIC) {
                throw new FileSystemException(
                        file.toString(), null, "holds no session of a machine with this byte order");
            }
            if (header.getLong(Long.BYTES) != VERSION) {
                throw new FileSystemException(
                        file.toString(),
                        null,
                        "has version " + header.getLong(Long.BYTES) + " of the format, expected " + VERSION
                                + ": save the session again");
            }
            CRC32C sum = new CRC32C();
            sum.update(header.duplicate());
            long left = input.byteCount() - HEADER - Long.BYTES;
            long count = header.getLong(2 * Long.BYTES);
            ByteBuffer buffer = buffer(BUFFER);
            boolean whole = count >= 0 && count <= left / Integer.BYTES;
            while (whole && left > 0) {
                input.fill(buffer.clear().limit((int) Math.min(BUFFER, left)));
                whole = !buffer.hasRemaining();
                left -= buffer.position();
                sum.update(buffer.flip());
            }
            ByteBuffer trailer = buffer(Long.BYTES);
            input.fill(trailer);
            if (!whole || trailer.hasRemaining() || trailer.getLong(0) != sum.getValue()) {
                throw new FileSystemException(
                        file.toString(), null, "is damaged: its checksum does not match; save the session again");
            }
        }
    }

    private static ByteBuffer buffer(int byteCount) {
        return ByteBuffer.allocate(byteCount).order(ByteOrder.nativeOrder());
    }
}
