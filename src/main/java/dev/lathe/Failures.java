package dev.lathe;

import dev.lathe.gguf.GgufException;
import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CancellationException;

/** What can happen to any work on a file, told by one exception that says what happened. */
final class Failures {
    private static final long MEBIBYTE = 1 << 20;

    /** Work on an open source. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    private Failures() {}

    /**
     * Loads from a source.
     *
     * @throws InterruptedIOException if the thread was interrupted meanwhile; it stays so
     * @throws IOException if the source cannot be read or was shortened meanwhile
     * @throws GgufException if the heap is too small
     */
    static <T> T loading(TensorSource source, Work<T> work) throws IOException {
        try {
            return work.run();
        } catch (InterruptedIOException interrupted) {
            throw interrupted;
        } catch (IOException | UncheckedIOException failure) {
            if (!Thread.currentThread().isInterrupted()) {
                throw failure;
            }
            InterruptedIOException interrupted = new InterruptedIOException("loading was interrupted");
            interrupted.initCause(failure);
            throw interrupted;
        } catch (InternalError fault) {
            // What the virtual machine throws where a mapped file has become shorter.
            source.requireWhole();
            throw fault;
        } catch (OutOfMemoryError _) {
            throw heapTooSmall(source);
        }
    }

    /**
     * Compresses a source.
     *
     * @throws CancellationException if the thread was interrupted meanwhile; it stays so
     * @throws IOException if the source cannot be read or was shortened meanwhile
     * @throws GgufException if the heap is too small
     */
    static <T> T compressing(TensorSource source, Work<T> work) throws IOException {
        return cancelling(() -> loading(source, work));
    }

    /** Tells an interrupt as a cancellation. */
    static <T> T cancelling(Work<T> work) throws IOException {
        try {
            return work.run();
        } catch (InterruptedIOException interrupted) {
            CancellationException cancelled = new CancellationException("compressing was interrupted");
            cancelled.initCause(interrupted);
            throw cancelled;
        }
    }

    private static GgufException heapTooSmall(TensorSource source) {
        long byteCount = 0;
        for (TensorInfo tensor : source.tensors()) {
            byteCount += tensor.byteCount();
        }
        long needed = Math.max(byteCount / 4 * 5, Runtime.getRuntime().maxMemory()) + 64 * MEBIBYTE;
        return new GgufException(
                "the heap of " + Runtime.getRuntime().maxMemory() / MEBIBYTE + " MiB is too small for a model of "
                        + byteCount / MEBIBYTE + " MiB; start Java with a larger one, such as -Xmx"
                        + needed / MEBIBYTE + "m",
                -1);
    }
}
