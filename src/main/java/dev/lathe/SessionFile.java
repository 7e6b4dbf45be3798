package dev.lathe;

import dev.lathe.decode.EvaluatedText;
import dev.lathe.file.InputFile;
import dev.lathe.file.OutputFile;
import dev.lathe.file.StagedFiles;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
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
                Summed summed = new Summed(output);
                summed.write(header(text, logitsSum(text)));
                summed.write(tokens(text.tokens()));
                snapshot.write(summed);
                output.write(longs(summed.sum.getValue()));
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
            for (int token : tokens) {
                if (token < 0 || token >= vocabularySize) {
                    throw otherModel(file, "token " + token + " is outside of the vocabulary of " + vocabularySize);
                }
            }
            hold(file, input, text, tokens, header.getLong(3 * Long.BYTES));
        }
    }

    /** Takes the state, and gives it back unless the model's logits are those that were saved. */
    private static void hold(Path file, ReadableByteChannel source, EvaluatedText text, int[] tokens, long logitsSum)
            throws IOException {
        InferenceState.Snapshot before = text.state().snapshot();
        int[] tokensBefore = text.tokens();
        text.state().read(source);
        boolean same = false;
        try {
            text.restore(text.state().snapshot(), tokens);
            same = logitsSum(text) == logitsSum;
        } finally {
            if (!same) {
                text.restore(before, tokensBefore);
            }
        }
        if (!same) {
            throw otherModel(file, "the logits after its last token are not those of this one");
        }
    }

    private static IllegalArgumentException otherModel(Path file, String why) {
        return new IllegalArgumentException(file + " was saved with another model: " + why);
    }

    /** Evaluates the last position held once more; leaves the text as it is. */
    private static long logitsSum(EvaluatedText text) {
        InferenceState state = text.state();
        int last = state.length() - 1;
        if (last < 0) {
            return 0;
        }
        state.rewind(last);
        CRC32C sum = new CRC32C();
        ByteBuffer bits = buffer(Integer.BYTES);
        for (float logit :
                state.forward(TokenBatch.lastLogits(text.token(last))).row(0)) {
            sum.update(bits.clear().putInt(Float.floatToRawIntBits(logit)).flip());
        }
        return sum.getValue();
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

    private static ByteBuffer header(EvaluatedText text, long logitsSum) {
        return longs(MAGIC, VERSION, text.length(), logitsSum);
    }

    private static ByteBuffer longs(long... numbers) {
        ByteBuffer buffer = buffer(numbers.length * Long.BYTES);
        buffer.asLongBuffer().put(numbers);
        return buffer;
    }

    private static ByteBuffer tokens(int[] tokens) {
        ByteBuffer buffer = buffer(tokens.length * Integer.BYTES);
        buffer.asIntBuffer().put(tokens);
        return buffer;
    }

    private static ByteBuffer buffer(int byteCount) {
        return ByteBuffer.allocate(byteCount).order(ByteOrder.nativeOrder());
    }

    /** A file with a checksum of what was written to it. */
    private static final class Summed implements WritableByteChannel {
        private final OutputFile file;
        private final CRC32C sum = new CRC32C();

        Summed(OutputFile file) {
            this.file = file;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            sum.update(source.duplicate());
            return file.write(source);
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
