package dev.lathe.model.cache;

import dev.lathe.model.StateTransfer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/**
 * Sends keys and values page by page, by a thread of its own, while a prompt is evaluated: a layer's full pages as soon
 * as that layer is computed, what is left when the prompt is complete. Patel et al., "Splitwise: Efficient Generative
 * LLM Inference Using Phase Splitting", 2023, arXiv 2311.18677, section 4.2.
 *
 * <p>For each page two numbers, its layer and its place, and then the page as it lies in memory.
 */
public final class PageSender implements StateTransfer {
    private static final long LOOK_MILLIS = 100; // how often one that waits looks whether the channel failed

    private final Supplier<List<KvCache>> caches; // of the text as it is now
    private final int positions; // of a page
    private final int[] sent; // by layer: pages that are sent or queued
    private final PageChannel target;
    private final BlockingQueue<QueuedPage> queue = new LinkedBlockingQueue<>();
    private final Thread thread =
            Thread.ofPlatform().daemon().name("lathe-pages").unstarted(this::run);
    private volatile IOException failure;
    private volatile boolean closed;

    /** A page to be sent; none at the end. */
    private record QueuedPage(int layer, int place, KvPage page) {
        private static final QueuedPage END = new QueuedPage(-1, -1, null);
    }

    /**
     * Begins with the pages that are full already.
     *
     * @param length positions held
     */
    public PageSender(Supplier<List<KvCache>> caches, int length, PageChannel target) {
        this.caches = caches;
        this.target = target;
        sent = new int[caches.get().size()];
        positions = caches.get().getFirst().shape().positions();
        for (int layer = 0; layer < sent.length; layer++) {
            evaluated(layer, length);
        }
        thread.start();
    }

    /** A layer's keys and values of all positions before this one are computed. */
    public void evaluated(int layer, int length) {
        send(layer, length / positions);
    }

    private void send(int layer, int end) {
        for (; sent[layer] < end && failure == null && !closed; sent[layer]++) {
            queue.add(new QueuedPage(layer, sent[layer], caches.get().get(layer).pageOf(sent[layer] * positions)));
        }
    }

    private void run() {
        try {
            for (QueuedPage next = queue.take(); next != QueuedPage.END && !closed; next = queue.take()) {
                target.writeInts(next.layer(), next.place());
                target.write(next.page().contents());
            }
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException e) {
            failure = new IOException("sending was interrupted", e);
        } catch (RuntimeException | Error e) { // told to whoever finishes, not to this thread
            failure = new IOException("pages cannot be sent: " + e, e);
        }
    }

    @Override
    public boolean hasFailed() {
        return failure != null;
    }

    @Override
    public void finish(int length) throws IOException {
        int pages = (length + positions - 1) / positions;
        for (int layer = 0; layer < sent.length; layer++) {
            send(layer, pages);
        }
        queue.add(QueuedPage.END);
        try {
            while (thread.isAlive()) {
                thread.join(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = new IOException("interrupted while keys and values were sent", e);
        }
        closed = true;
        if (failure != null) {
            throw failure;
        }
    }

    /** Whether nothing more will be sent. */
    public boolean hasEnded() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        queue.clear();
        queue.add(QueuedPage.END);
    }
}
