package dev.lathe;

import dev.lathe.decode.EvaluatedText;
import dev.lathe.figures.Stopwatch;
import dev.lathe.model.ContextFullException;
import dev.lathe.model.StateTransfer;
import dev.lathe.tensor.FloatMatrix;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Optional;

/**
 * A prompt with its keys and values on its way to another process: a header of magic number, version and count, the
 * tokens, a checksum of both, the pages in the order in which they were computed, a checksum of the logits after the
 * last token, and one of all bytes; in the machine's byte order.
 */
final class PromptStream {
    private static final long MAGIC = 0x504d_5250_4548_544cL; // "LTHEPRMP", little-endian
    private static final long VERSION = 1;
    private static final int HEADER = 3 * Long.BYTES;
    private static final String ORIGIN = "the prompt received";

    private PromptStream() {}

    static PromptExport send(EvaluatedText text, int[] prompt, WritableByteChannel target) throws IOException {
        long start = Stopwatch.system().nanos();
        SummedChannel summed = new SummedChannel(target);
        int reused = text.reuse(prompt);
        summed.writeAll(SummedChannel.longs(MAGIC, VERSION, prompt.length));
        summed.writeAll(SummedChannel.ints(prompt));
        summed.writeAll(SummedChannel.longs(summed.sum()));
        try (StateTransfer transfer = text.state().send(summed, prompt.length)) {
            Optional<FloatMatrix> logits = text.evaluateUnless(transfer::hasFailed, prompt);
            long evaluated = Stopwatch.system().nanos();
            long bytes = summed.byteCount();
            transfer.finish(text.length());
            summed.writeAll(
                    SummedChannel.longs(HeldText.sum(logits.orElseThrow().row(0))));
            summed.writeAll(SummedChannel.longs(summed.sum()));
            long sent = Stopwatch.system().nanos();
            return new PromptExport(
                    prompt.length,
                    reused,
                    summed.byteCount(),
                    bytes,
                    Duration.ofNanos(evaluated - start),
                    Duration.ofNanos(sent - start));
        }
    }

    static void receive(ReadableByteChannel source, EvaluatedText text, int vocabularySize) throws IOException {
        SummedChannel summed = new SummedChannel(source);
        try {
            receive(summed, text, vocabularySize);
        } catch (EOFException e) {
            StreamCorruptedException early = new StreamCorruptedException(
                    ORIGIN + " ends after " + summed.byteCount() + " bytes: " + e.getMessage() + "; send it again");
            early.initCause(e);
            throw early;
        }
    }

    private static void receive(SummedChannel source, EvaluatedText text, int vocabularySize) throws IOException {
        ByteBuffer header = source.read(HEADER);
        if (header.getLong() != MAGIC) {
            throw new StreamCorruptedException(
                    "what is received is no prompt that a session of a machine with this byte order exported");
        }
        long version = header.getLong();
        if (version != VERSION) {
            throw new StreamCorruptedException(ORIGIN + " has version " + version + " of the format, expected "
                    + VERSION + ": use the same version of Lathe on both sides");
        }
        long count = header.getLong();
        if (count < 1 || count > text.state().capacity()) {
            if (count > Integer.MAX_VALUE || count < 1) {
                throw new StreamCorruptedException(ORIGIN + " says that it has " + count + " tokens: it is damaged");
            }
            throw new ContextFullException(0, (int) count, text.state().capacity());
        }
        int[] tokens = new int[(int) count];
        source.read(Math.multiplyExact(tokens.length, Integer.BYTES))
                .asIntBuffer()
                .get(tokens);
        requireSum(source);
        HeldText.checkTokens(ORIGIN, tokens, vocabularySize);
        HeldText before = HeldText.of(text);
        text.state().receive(source);
        boolean whole = false;
        long logitsSum;
        try {
            logitsSum = source.read(Long.BYTES).getLong();
            requireSum(source);
            whole = true;
        } finally {
            if (!whole) {
                before.giveBack();
            }
        }
        before.replaceBy(ORIGIN, tokens, logitsSum);
    }

    private static void requireSum(SummedChannel source) throws IOException {
        long sum = source.sum();
        if (source.read(Long.BYTES).getLong() != sum) {
            throw new StreamCorruptedException(ORIGIN + " is damaged: its checksum does not match; send it again");
        }
    }
}
