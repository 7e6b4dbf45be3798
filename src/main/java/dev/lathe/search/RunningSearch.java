package dev.lathe.search;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A search under way. Thread-safe. */
public final class RunningSearch {
    private final SearchRun run;
    private final CompletableFuture<SearchResult> future = new CompletableFuture<>();

    private RunningSearch(SearchRun run) {
        this.run = run;
    }

    static RunningSearch start(SearchRun run, SearchStrategy strategy) {
        RunningSearch search = new RunningSearch(run);
        Thread.ofVirtual().name("lathe-search").start(() -> {
            try {
                search.future.complete(run.result(strategy.search(run)));
            } catch (RuntimeException | Error failure) {
                run.cancel();
                search.future.completeExceptionally(failure);
            }
        });
        return search;
    }

    /** Ends all draws; the result is what was found until then. Does not wait. */
    public void cancel() {
        run.cancel();
    }

    /** Whether it has ended. */
    public boolean hasEnded() {
        return future.isDone();
    }

    /** The result when it is there; to cancel this future does not cancel the search. */
    public CompletableFuture<SearchResult> future() {
        return future.copy();
    }

    /**
     * Waits for the end.
     *
     * @throws CancellationException if the waiting thread is interrupted, which cancels the search
     * @throws RuntimeException what a request, the scorer or the listener threw; other draws are cancelled
     */
    public SearchResult result() {
        try {
            return future.get();
        } catch (InterruptedException e) {
            cancel();
            Thread.currentThread().interrupt();
            throw new CancellationException("the thread that waited for the search was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }
}
