package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.lathe.model.CacheType;
import dev.lathe.model.InferenceState;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What a pass of one token allocates. */
class PassCostTest {
    private static final int POSITIONS = 1000;

    /** Attention reads keys and values where they lie: behind a long text there are more tiles to name, and no copies. */
    @Test
    void aTokenBehindALongTextAllocatesLessThanItsKeys() {
        DecoderModel model = RandomModels.of(4, Workers.single(), KernelChoice.best());
        try (InferenceState state = model.newState(POSITIONS + 100, CacheType.F16)) {
            long early = allocated(state);
            state.forward(TokenBatch.noLogits(new int[POSITIONS]));
            long late = allocated(state);
            assertTrue(
                    late - early < 32 * POSITIONS,
                    early + " bytes at the beginning, " + late + " behind " + POSITIONS + " tokens");
        }
    }

    /** The least of a few passes: in some of them a page begins, or what is kept grows. */
    private static long allocated(InferenceState state) {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int token = 0; token < 20; token++) {
            long before = thread.getCurrentThreadAllocatedBytes();
            state.forward(TokenBatch.lastLogits(token));
            least = Math.min(least, thread.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
