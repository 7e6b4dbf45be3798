package dev.lathe.serve;

import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.FloatMatrix;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * A pass that somebody waits for: batches of one text or of several, to be evaluated with those of others. The chunk of
 * a prompt may be evaluated in several passes, a part in each. Guarded by the loop's lock, but while a part is in a
 * pass, and until it has ended.
 */
final class Ticket {
    /** Rows of a step at most; more are a prompt's, which waits for its turn. */
    private static final int STEP_ROWS = 32;

    private final List<SharedState> states;
    private final List<TokenBatch> batches;
    private final BooleanSupplier stop;
    private final Semaphore served = new Semaphore(0);
    private final boolean isDivisible;
    private final int rows;
    private final long rank;
    private final int lengthBefore; // of a divisible ticket's state
    private int rowsDone;
    private FloatMatrix logits;
    private Throwable failure;
    private boolean ended;
    private volatile boolean stopped; // by an interrupt of who waits

    Ticket(List<SharedState> states, List<TokenBatch> batches, BooleanSupplier stop) {
        this.states = states;
        this.batches = batches;
        this.stop = stop;
        this.rows = batches.stream().mapToInt(TokenBatch::newRows).sum();
        this.isDivisible = states.size() == 1 && isPrompt(batches.getFirst());
        this.rank = states.getFirst().rank();
        this.lengthBefore = states.getFirst().length();
    }

    /** Whether parts of the batch, one after the other, are the same as all of it. */
    private static boolean isPrompt(TokenBatch batch) {
        if (batch.evaluatedRows() > 0 || !batch.isChain()) {
            return false;
        }
        for (int row = 0; row < batch.size() - 1; row++) {
            if (batch.logitsWanted(row)) {
                return false;
            }
        }
        return batch.size() > 1;
    }

    /** Whether it waits for its turn, as prompts do. */
    boolean isLong() {
        return isDivisible || rows > STEP_ROWS;
    }

    /** Who comes first, of those that wait for their turn. */
    long rank() {
        return rank;
    }

    /** Whose next ticket is worth waiting for. */
    SharedState owner() {
        return states.getFirst();
    }

    /** Tokens before the next rows. */
    int position() {
        return owner().length();
    }

    int textCount() {
        return states.size();
    }

    boolean isStopped() {
        return stopped || stop.getAsBoolean();
    }

    boolean hasEnded() {
        return ended;
    }

    /** The next rows, at most so many; all of them if they cannot be divided. */
    Part next(int mostRows) {
        List<InferenceState> inner = states.stream().map(SharedState::inner).toList();
        if (!isDivisible) {
            return new Part(this, inner, batches, rows, position());
        }
        TokenBatch batch = batches.getFirst();
        int[] tokens = new int[Math.min(mostRows, rows - rowsDone)];
        Arrays.setAll(tokens, row -> batch.token(rowsDone + row));
        boolean isLast = rowsDone + tokens.length == rows;
        TokenBatch part =
                isLast && batch.logitsWanted(rows - 1) ? TokenBatch.lastLogits(tokens) : TokenBatch.noLogits(tokens);
        return new Part(this, inner, List.of(part), tokens.length, position());
    }

    /** A part was evaluated: some rows of these logits are this ticket's, which is told when all have theirs. */
    void evaluated(Part part, FloatMatrix all, int firstRow) {
        rowsDone += part.rows;
        if (rowsDone < rows) {
            return;
        }
        int wanted = part.wantedRows();
        logits = owner().logitsBuffer(wanted, all.columns());
        if (wanted > 0) {
            System.arraycopy(all.data(), all.offset(firstRow), logits.data(), 0, wanted * all.columns());
        }
        ended = true;
    }

    void cancel() {
        fail(new CancellationException("the pass was stopped before it was complete"));
    }

    /** Ends without logits; the state is as it was. Who waits is still to be told. */
    void fail(Throwable reason) {
        failure = reason;
        ended = true;
        if (isDivisible && rowsDone > 0) {
            try {
                owner().inner().rewind(lengthBefore);
            } catch (RuntimeException alsoFailed) { // of this text alone
                reason.addSuppressed(alsoFailed);
            }
        }
    }

    /** Lets go on who waits, and evaluate with the states of the ticket: nobody reads them for others any more. */
    void serve() {
        served.release();
    }

    /** Waits, without the loop's lock, which many would queue for; throws what the pass threw. */
    FloatMatrix await() {
        try {
            served.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped = stop.getAsBoolean(); // on this thread, whose interrupt it may ask for
            served.acquireUninterruptibly();
        }
        switch (failure) {
            case null -> {
                return logits;
            }
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            default -> throw new IllegalStateException(failure);
        }
    }

    /** What goes into one pass. */
    record Part(Ticket ticket, List<InferenceState> states, List<TokenBatch> batches, int rows, int position) {
        int wantedRows() {
            return batches.stream().mapToInt(TokenBatch::newLogits).sum();
        }
    }
}
