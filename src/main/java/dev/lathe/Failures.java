package dev.lathe;

import dev.lathe.gguf.TensorInfo;
import dev.lathe.gguf.TensorSource;
import dev.lathe.tensor.store.InsufficientMemoryException;
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
     * Loads from a source, whose weights go outside of the heap.
     *
     * @throws InterruptedIOException if the thread was interrupted meanwhile; it stays so
     * @throws IOException if the source cannot be read or was shortened meanwhile
     * @throws InsufficientMemoryException if the heap is too small
     */
    static <T> T loading(TensorSource source, Work<T> work) throws IOException {
        try {
            return reading(source, work);
        } catch (OutOfMemoryError full) {
            throw InsufficientMemoryException.ofHeapFor(
                    "loading the model, whose vocabulary and layers lie in it beside what reads the weights",
                    2 * Runtime.getRuntime().maxMemory() + 64 * MEBIBYTE,
                    full);
        }
    }

    /**
     * Compresses a source, of which the heap holds what a transform reads and makes.
     *
     * @throws CancellationException if the thread was interrupted meanwhile; it stays so
     * @throws IOException if the source cannot be read or was shortened meanwhile
     * @throws InsufficientMemoryException if the heap is too small
     */
    static <T> T compressing(TensorSource source, Work<T> work) throws IOException {
        try {
            return cancelling(() -> reading(source, work));
        } catch (OutOfMemoryError full) {
            long byteCount =
                    source.tensors().stream().mapToLong(TensorInfo::byteCount).sum();
            throw InsufficientMemoryException.ofHeapFor(
                    "compressing a model of " + byteCount / MEBIBYTE + " MiB, whose changed tensors lie in it",
                    byteCount + 2 * Runtime.getRuntime().maxMemory(),
                    full);
        }
    }

    private static <T> T reading(TensorSource source, Work<T> work) throws IOException {
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
        }
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
}
