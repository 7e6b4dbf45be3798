package dev.lathe.model.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.OnEveryKernelSet;
import dev.lathe.Slow;
import dev.lathe.file.JavaProcess;
import dev.lathe.model.Arithmetic;
import dev.lathe.model.CacheType;
import dev.lathe.model.ExpertOptions;
import dev.lathe.model.InferenceState;
import dev.lathe.model.PageLimit;
import dev.lathe.model.PageStatistics;
import dev.lathe.model.TokenBatch;
import dev.lathe.tensor.Workers;
import dev.lathe.tensor.kernel.choice.KernelChoice;
import dev.lathe.tensor.store.InsufficientMemoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Keys and values that lie in a file are the same as in memory, and never more of them are in memory than allowed. */
@OnEveryKernelSet
class ColdPagesTest {
    private static final int CAPACITY = PagedText.CAPACITY;
    private static final Path FOLDER = Path.of(System.getProperty("java.io.tmpdir"));

    private static DecoderModel limited(DecoderModel model, long bytes) throws IOException {
        return model.with(Arithmetic.EXACT, ExpertOptions.DEFAULT, new PageLimit(bytes, FOLDER));
    }

    /** A model whose attention reads all positions. */
    private static DecoderModel fullAttention(int layers) {
        for (long seed = 0; ; seed++) {
            DecoderModel model = RandomModels.ofLayers(layers, seed, Workers.single(), KernelChoice.best());
            if (model.config().layers().stream()
                    .allMatch(layer -> !layer.attention().isLocal())) {
                return model;
            }
        }
    }

    private static long byteCount(DecoderModel model, CacheType type, int tokens) {
        try (InferenceState state = model.newState(CAPACITY, type)) {
            state.forward(TokenBatch.noLogits(new int[tokens]));
            return state.snapshot().byteCount();
        }
    }

    /** Passes, forks, trees, rewinds, snapshots and closing in any order; a pass that does not fit changes nothing. */
    @Property(tries = 60)
    void everyTextIsThatOfAFreshEvaluationWhereverItsPagesLie(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int pages) throws IOException {
        Random random = new Random(seed);
        CacheType type = CacheType.values()[random.nextInt(4)];
        try (Workers workers = Workers.of(2)) {
            DecoderModel plain = RandomModels.of(seed, workers, KernelChoice.best());
            long limit = pages * byteCount(plain, type, 1);
            try (DecoderModel model = limited(plain, limit)) {
                List<PagedText> texts = new ArrayList<>();
                texts.add(PagedText.empty(model, type));
                InferenceState.Snapshot snapshot = texts.getFirst().state().snapshot();
                List<Integer> saved = List.of();
                for (int step = 0; step < 16; step++) {
                    PagedText text = texts.get(random.nextInt(texts.size()));
                    switch (random.nextInt(7)) {
                        case 0 -> texts.add(text.fork());
                        case 1 -> text.rewind(random);
                        case 2 -> text.restore(snapshot, saved);
                        case 3 -> {
                            snapshot = text.state().snapshot();
                            saved = List.copyOf(text.tokens());
                        }
                        case 4 -> {
                            texts.remove(text);
                            text.state().close();
                            texts.add(PagedText.empty(model, type));
                        }
                        case 5 -> {
                            if (text.tokens().size() + 3 <= CAPACITY) {
                                keepOneOfTwo(model, random, text);
                            }
                        }
                        default -> append(plain, type, random, 1 + random.nextInt(100), text);
                    }
                    PageStatistics statistics = model.pageStatistics().orElseThrow();
                    assertTrue(statistics.residentBytes() <= limit, statistics.toString());
                }
            }
        }
    }

    private static void append(DecoderModel plain, CacheType type, Random random, int most, PagedText text) {
        int count = Math.min(most, CAPACITY - text.tokens().size());
        if (count == 0) {
            return;
        }
        int[] tokens = RandomModels.tokens(plain, count, random);
        int before = text.state().length();
        try {
            float[] logits = text.state().forward(TokenBatch.lastLogits(tokens)).row(0);
            Arrays.stream(tokens).forEach(text.tokens()::add);
            assertArrayEquals(PagedText.fresh(plain, type, text.array()), logits);
        } catch (InsufficientMemoryException refused) {
            assertTrue(refused.getMessage().contains("limit of"), refused.getMessage());
            assertEquals(before, text.state().length());
        }
    }

    private static void keepOneOfTwo(DecoderModel model, Random random, PagedText text) {
        int before = text.state().length();
        try {
            text.keepOneOfTwo(RandomModels.tokens(model, 3, random));
        } catch (InsufficientMemoryException refused) {
            assertEquals(before, text.state().length());
        }
    }

    @Test
    void aTextLargerThanTheLimitKeepsAPartOfItselfInMemory() throws IOException {
        DecoderModel plain = fullAttention(3);
        long limit = 3 * byteCount(plain, CacheType.F32, 1);
        try (DecoderModel model = limited(plain, limit);
                InferenceState state = model.newState(CAPACITY, CacheType.F32);
                InferenceState unlimited = plain.newState(CAPACITY, CacheType.F32)) {
            for (int i = 0; i < 380; i++) {
                TokenBatch batch = TokenBatch.lastLogits(i % 40);
                assertArrayEquals(
                        unlimited.forward(batch).row(0), state.forward(batch).row(0));
            }
            PageStatistics statistics = model.pageStatistics().orElseThrow();
            assertEquals(unlimited.snapshot().byteCount(), statistics.residentBytes() + statistics.fileBytes());
            assertTrue(statistics.residentBytes() > limit / 2, statistics.toString());
            assertTrue(statistics.inPlaceBytes() > 0, statistics.toString());
        }
    }

    @Test
    void aTextThatGoesOnTakesTheMemoryOfOneThatRests() throws IOException {
        DecoderModel plain = fullAttention(2);
        long limit = byteCount(plain, CacheType.F16, 200);
        try (DecoderModel model = limited(plain, limit);
                InferenceState first = model.newState(CAPACITY, CacheType.F16);
                InferenceState second = model.newState(CAPACITY, CacheType.F16)) {
            for (InferenceState state : List.of(first, second, first, second)) {
                for (int i = 0; i < 90; i++) {
                    state.forward(TokenBatch.noLogits(i % 40));
                }
            }
            PageStatistics before = model.pageStatistics().orElseThrow();
            assertTrue(before.evictions() > 0 && before.returns() > 0, before.toString());
            second.forward(TokenBatch.noLogits(1));
            assertEquals(
                    before.inPlaceBytes(),
                    model.pageStatistics().orElseThrow().inPlaceBytes(),
                    "all of the text is in memory again");
        }
    }

    @Test
    @Slow
    void manySessionsLeaveNothing() throws IOException {
        DecoderModel plain = fullAttention(1);
        try (DecoderModel model = limited(plain, 4 * byteCount(plain, CacheType.F16, 1))) {
            for (int i = 0; i < Integer.getInteger("lathe.sessions", 500); i++) {
                try (InferenceState state = model.newState(CAPACITY, CacheType.F16)) {
                    state.forward(TokenBatch.noLogits(new int[1 + i % 200]));
                }
                PageStatistics statistics = model.pageStatistics().orElseThrow();
                assertEquals(0, statistics.residentBytes() + statistics.fileBytes(), "after session " + i);
            }
        }
    }

    @Test
    void aPassThatDoesNotFitIsRefusedAndSaysWhatItTakes() throws IOException {
        DecoderModel plain = fullAttention(2);
        long page = byteCount(plain, CacheType.F32, 1);
        try (DecoderModel model = limited(plain, page);
                InferenceState state = model.newState(CAPACITY, CacheType.F32)) {
            float[] before = state.forward(TokenBatch.lastLogits(3, 4)).row(0);
            InsufficientMemoryException refused = assertThrows(
                    InsufficientMemoryException.class, () -> state.forward(TokenBatch.noLogits(new int[100])));
            assertTrue(refused.getMessage().contains("limit of " + page), refused.getMessage());
            state.rewind(1);
            assertArrayEquals(before, state.forward(TokenBatch.lastLogits(4)).row(0));
        }
    }

    /** What is written over the file, which has no name, where the operating system shows what a process has open. */
    private static void damageOpenPages() throws IOException {
        Path open = Path.of("/proc/self/fd");
        Assumptions.assumeTrue(Files.isDirectory(open), "skipped: no /proc/self/fd");
        try (Stream<Path> files = Files.list(open)) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file) && isPages(Files.readSymbolicLink(file))) {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.write(ByteBuffer.allocate((int) channel.size()), 0);
                    }
                }
            }
        }
    }

    private static boolean isPages(Path open) {
        return open.toString().matches(".*/lathe-[0-9]+\\.pages \\(deleted\\)");
    }

    @Test
    void aFileThatIsDamagedIsOneExceptionAndNoWrongNumbers() throws IOException {
        DecoderModel plain = fullAttention(2);
        try (DecoderModel model = limited(plain, 2 * byteCount(plain, CacheType.F16, 1));
                InferenceState state = model.newState(CAPACITY, CacheType.F16)) {
            for (int i = 0; i < 300; i++) {
                state.forward(TokenBatch.noLogits(7));
            }
            damageOpenPages();
            UncheckedIOException failure =
                    assertThrows(UncheckedIOException.class, () -> state.forward(TokenBatch.noLogits(7)));
            assertTrue(failure.getMessage().contains("evaluate the text anew"), failure.getMessage());
            state.rewind(0);
            float[] again = state.forward(TokenBatch.lastLogits(7, 8)).row(0);
            assertArrayEquals(PagedText.fresh(plain, CacheType.F16, 7, 8), again);
        }
    }

    /** Evaluates more than the disk has room for, and then what fits. */
    static final class FullDisk {
        private FullDisk() {}

        static void main(String... arguments) throws IOException {
            DecoderModel plain = fullAttention(2);
            try (DecoderModel model = limited(plain, 2 * byteCount(plain, CacheType.F32, 1));
                    InferenceState state = model.newState(1000, CacheType.F32)) {
                try {
                    for (int i = 0; i < 1000; i++) {
                        state.forward(TokenBatch.noLogits(7));
                    }
                    throw new AssertionError("the disk was large enough");
                } catch (UncheckedIOException full) {
                    System.out.println(full.getMessage());
                }
                state.rewind(2);
                float[] logits = state.forward(TokenBatch.lastLogits(9)).row(0);
                System.out.println(Arrays.equals(logits, PagedText.fresh(plain, CacheType.F32, 7, 7, 9)));
            }
        }
    }

    @Test
    @Slow
    void aFullDiskIsOneExceptionAndTheTextStays() throws Exception {
        Assumptions.assumeTrue(Files.exists(Path.of("/bin/sh")), "skipped: no shell");
        Process process = JavaProcess.start(
                List.of("sh", "-c", "trap '' XFSZ; ulimit -f 60; exec \"$@\"", "sh"),
                List.of("-Xshare:auto"),
                FullDisk.class);
        String output = new String(process.getInputStream().readAllBytes());
        assertTrue(output.contains("cannot be moved to a file"), output);
        assertTrue(output.trim().endsWith("true"), output);
    }
}
