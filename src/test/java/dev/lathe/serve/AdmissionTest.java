package dev.lathe.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.lathe.serve.Admission.Entry;
import dev.lathe.serve.Admission.Place;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    /** Whichever comes first, the interrupt or the turn: a place is lost with neither. */
    @Test
    void whoIsInterruptedAsItsTurnComesRunsOrIsGone() throws InterruptedException {
        for (int round = 0; round < 300; round++) {
            Admission admission = new Admission(1, 1);
            Place running = admission.enter(0);
            Place next = admission.enter(1);
            AtomicReference<Entry> told = new AtomicReference<>();
            Thread thread = Thread.ofPlatform().start(() -> told.set(next.await(Long.MAX_VALUE - 1)));
            while (thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            running.leave();
            thread.join();
            assertEquals(told.get() == Entry.ADMITTED ? 1 : 0, admission.running(), told.toString());
            assertEquals(0, admission.waiting());
        }
    }
}
