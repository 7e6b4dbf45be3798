package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Slow;
import dev.lathe.model.Arithmetic;
import dev.lathe.model.CacheType;
import dev.lathe.model.ExpertOptions;
import dev.lathe.model.InferenceState;
import dev.lathe.model.PageLimit;
import dev.lathe.model.PageStatistics;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What many texts of a model take, and that nothing of them stays. */
@Slow
class ManyTextsTest {
    private static final PageLimit COUNTED =
            new PageLimit(Long.MAX_VALUE / 2, Path.of(System.getProperty("java.io.tmpdir")));

    private static DecoderModel counted(PageLimit limit) throws IOException {
        return RandomModels.ofLayers(2, 1, Workers.single(), KernelChoice.best())
                .with(Arithmetic.EXACT, ExpertOptions.DEFAULT, limit);
    }

    private static long bytes(DecoderModel model) {
        PageStatistics pages = model.pageStatistics().orElseThrow();
        return pages.residentBytes() + pages.fileBytes();
    }

    @Test
    void tenThousandTextsLeaveNoPagesAndNoThreads() throws Exception {
        try (DecoderModel model = counted(new PageLimit(2_000_000, COUNTED.folder()))) {
            Set<Thread> before = Thread.getAllStackTraces().keySet();
            List<InferenceState> open = new ArrayList<>();
            Random random = new Random(2);
            for (int text = 0; text < 10_000; text++) {
                boolean isFork = !open.isEmpty() && random.nextInt(4) == 0;
                InferenceState state = isFork ? open.getLast().fork() : model.newState(64, CacheType.F16);
                open.add(state);
                state.forward(TokenBatch.noLogits(text % 7));
                if (open.size() > 20) {
                    open.remove(random.nextInt(open.size())).close();
                }
            }
            assertTrue(bytes(model) > 0);
            assertTrue(model.pageStatistics().orElseThrow().residentBytes() <= 2_000_000);
            open.forEach(InferenceState::close);
            open.clear();
            for (int i = 0; i < 100 && bytes(model) > 0; i++) { // pages that forks shared are found by the collector
                System.gc();
                Thread.sleep(10);
            }
            assertEquals(0, bytes(model));
            Set<Thread> after = new HashSet<>(Thread.getAllStackTraces().keySet());
            after.removeAll(before);
            assertTrue(after.stream().noneMatch(thread -> thread.getName().startsWith("lathe")), after::toString);
        }
    }

    @Test
    void samplesTakeThePagesOfTheirPromptOnceUntilTheyDiffer() throws IOException {
        try (DecoderModel model = counted(COUNTED);
                InferenceState prompt = model.newState(1024, CacheType.F16)) {
            prompt.forward(TokenBatch.noLogits(RandomModels.tokens(model, 1000, new Random(3))));
            long ofPrompt = bytes(model);
            long ofOnePosition;
            try (InferenceState other = model.newState(1024, CacheType.F16)) {
                other.forward(TokenBatch.noLogits(1));
                ofOnePosition = bytes(model) - ofPrompt; // a page in each layer
            }
            List<InferenceState> samples = new ArrayList<>();
            for (int sample = 0; sample < 32; sample++) {
                samples.add(prompt.fork());
            }
            assertTrue(bytes(model) <= 1.1 * ofPrompt, bytes(model) + " after " + ofPrompt);
            for (int sample = 0; sample < 32; sample++) {
                samples.get(sample).forward(TokenBatch.noLogits(sample % 5));
            }
            assertEquals(ofPrompt + 32 * ofOnePosition, bytes(model), "each wrote to its own last page");
            samples.forEach(InferenceState::close);
            assertEquals(ofPrompt, bytes(model));
        }
    }
}
