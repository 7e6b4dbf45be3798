package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.compress.Recipe;
import dev.lathe.compress.quantize.Quantize;
import dev.lathe.decode.TokenProbability;
import dev.lathe.file.JavaProcess;
import dev.lathe.model.CacheType;
import dev.lathe.model.ContextFullException;
import dev.lathe.tensor.TensorType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A prompt that one process evaluates and another one goes on with has the bits of a prompt that stayed. */
class PromptExportTest extends OnDraftModel {
    private static int[] prompt(int length) {
        int[] tokens = new int[length];
        Arrays.setAll(tokens, position -> 20 + position * 7 % 300);
        return tokens;
    }

    private static byte[] export(Session session, int... prompt) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PromptExport export = session.generate(prompt).exportPrompt(Channels.newChannel(bytes));
        assertEquals(bytes.size(), export.byteCount());
        assertEquals(prompt.length, export.tokens());
        assertArrayEquals(prompt, session.tokens());
        return bytes.toByteArray();
    }

    private static ReadableByteChannel channel(byte... bytes) {
        return Channels.newChannel(new ByteArrayInputStream(bytes));
    }

    /** The most probable tokens behind the text held and two more tokens. */
    private static List<TokenProbability> next(Session session, int length) {
        int[] more = Arrays.copyOf(prompt(length), length + 2);
        more[length] = 17;
        GenerationResult result =
                session.generate(more).maxTokens(3).logProbabilities(20).run();
        assertEquals(length, result.stats().reusedPromptTokens());
        return result.tokens().getLast().alternatives();
    }

    @ParameterizedTest
    @EnumSource(CacheType.class)
    @Slow
    void whatIsImportedGoesOnWithTheSameBits(CacheType type) throws IOException {
        SessionOptions options = SessionOptions.DEFAULT.cacheType(type).promptBatchSize(128);
        for (int length : new int[] {1, 31, 32, 63, 64, 65, 130, 500}) {
            try (Session sender = model.newSession(options);
                    Session receiver = model.newSession(options.contextLength(length + 10));
                    Session stayed = model.newSession(options)) {
                receiver.logits(prompt(3));
                if (length > 60) {
                    sender.logits(prompt(50));
                }
                receiver.importPrompt(channel(export(sender, prompt(length))));
                assertArrayEquals(prompt(length), receiver.tokens());
                stayed.logits(prompt(length));
                List<TokenProbability> expected = next(stayed, length);
                assertEquals(expected, next(receiver, length));
                assertEquals(expected, next(sender, length));
            }
        }
    }

    /** Loads the model, connects, exports a prompt of so many tokens and ends. */
    static final class Sender {
        private Sender() {}

        static void main(String... arguments) throws IOException {
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
            try (Model model = Model.load(FILE);
                    Session session = model.newSession();
                    SocketChannel channel = SocketChannel.open(address)) {
                session.generate(prompt(Integer.parseInt(arguments[1]))).exportPrompt(channel);
            }
        }
    }

    @Test
    @Slow
    void anotherProcessEvaluatesThePrompt() throws Exception {
        try (ServerSocketChannel server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            Process process = JavaProcess.start(
                    List.of(), List.of("--add-modules", "jdk.incubator.vector"), Sender.class, port, 400);
            try (SocketChannel channel = server.accept();
                    Session receiver = model.newSession();
                    Session stayed = model.newSession()) {
                receiver.importPrompt(channel);
                stayed.logits(prompt(400));
                assertEquals(next(stayed, 400), next(receiver, 400));
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void pagesAreSentInTheOrderInWhichLayersAreComputed() throws IOException {
        int layers = 0;
        List<String> order = new ArrayList<>();
        try (Session session = model.newSession(SessionOptions.DEFAULT.promptBatchSize(128))) {
            byte[] bytes = export(session, prompt(330));
            ByteBuffer stream = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
            int header = 24 + 4 * 330 + 8;
            layers = stream.getInt(header + 4);
            int pages = 6;
            int first = header + 12 + 16 * layers;
            int frame = (bytes.length - first - 16) / (layers * pages);
            assertEquals(bytes.length - 16, first + frame * layers * pages);
            for (int page = 0; page < layers * pages; page++) {
                order.add(stream.getInt(first + page * frame) + "/" + stream.getInt(first + page * frame + 4));
            }
        }
        List<String> expected = new ArrayList<>();
        for (int[] pass : new int[][] {{0, 2}, {2, 4}, {4, 5}, {5, 6}}) {
            for (int layer = 0; layer < layers; layer++) {
                for (int page = pass[0]; page < pass[1]; page++) {
                    expected.add(layer + "/" + page);
                }
            }
        }
        assertEquals(expected, order);
    }

    @Test
    void sessionsOfAnEngineSendAndReceiveWhileOthersAreAnswered() throws IOException {
        try (Engine engine = model.engine();
                Session sender = engine.newSession();
                Session receiver = engine.newSession();
                Session stayed = model.newSession()) {
            Answer other = engine.generate(prompt(40)).maxTokens(30).submit();
            receiver.importPrompt(channel(export(sender, prompt(300))));
            stayed.logits(prompt(300));
            assertEquals(next(stayed, 300), next(receiver, 300));
            assertEquals(30, other.result().tokens().size());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsCutDamagedOrForeignIsOneExceptionAndNothingIsLost(long seed) throws IOException {
        Random random = new Random(seed);
        byte[] whole;
        try (Session sender = model.newSession()) {
            whole = export(sender, prompt(70));
        }
        try (Session session = model.newSession()) {
            session.logits(prompt(9));
            for (int attempt = 0; attempt < 60; attempt++) {
                byte[] bytes = attempt % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
                if (bytes.length == whole.length) {
                    bytes[random.nextInt(attempt % 3 == 1 ? 24 : bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                Exception refused = assertThrows(Exception.class, () -> session.importPrompt(channel(bytes)));
                assertTrue(
                        refused instanceof StreamCorruptedException
                                || refused instanceof IllegalArgumentException
                                || refused instanceof ContextFullException,
                        refused.toString());
                assertArrayEquals(prompt(9), session.tokens());
            }
            byte[] foreign = new byte[5000];
            random.nextBytes(foreign);
            assertThrows(StreamCorruptedException.class, () -> session.importPrompt(channel(foreign)));
            assertEquals(
                    8, session.generate(prompt(9)).maxTokens(1).run().stats().reusedPromptTokens());
        }
    }

    @Test
    void anotherModelOrCacheAndAShortContextAreRefused() throws IOException {
        byte[] whole;
        try (Session sender = model.newSession()) {
            whole = export(sender, prompt(30));
        }
        try (Model rounded = Model.compress(FILE, Recipe.of(Quantize.to(TensorType.Q8_0)))
                        .load();
                Session session = rounded.newSession()) {
            session.logits(prompt(5));
            String message = assertThrows(IllegalArgumentException.class, () -> session.importPrompt(channel(whole)))
                    .getMessage();
            assertTrue(message.contains("another model"), message);
            assertArrayEquals(prompt(5), session.tokens());
        }
        try (Session session = model.newSession(SessionOptions.DEFAULT.cacheType(CacheType.F16))) {
            assertThrows(IllegalArgumentException.class, () -> session.importPrompt(channel(whole)));
        }
        try (Session session = model.newSession(SessionOptions.DEFAULT.contextLength(29))) {
            assertThrows(ContextFullException.class, () -> session.importPrompt(channel(whole)));
        }
    }

    /** Fails after so many bytes. */
    private record Failing(int[] left) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) throws IOException {
            left[0] -= source.remaining();
            if (left[0] < 0) {
                throw new IOException("the other side is gone");
            }
            int count = source.remaining();
            source.position(source.limit());
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void aChannelThatFailsEndsTheExportAndTheSessionGoesOn() throws IOException {
        try (Session session = model.newSession();
                Session stayed = model.newSession()) {
            int all = export(session, prompt(500)).length;
            for (int bytes : new int[] {0, 100, 3000, all / 2, all - 1}) {
                session.reset();
                IOException failure = assertThrows(
                        IOException.class,
                        () -> session.generate(prompt(500)).exportPrompt(new Failing(new int[] {bytes})));
                assertEquals("the other side is gone", failure.getMessage());
            }
            GenerationResult result = session.generate(prompt(100)).maxTokens(1).run();
            assertFalse(result.tokens().isEmpty());
            session.reset();
            stayed.importPrompt(channel(export(session, prompt(100))));
            assertEquals(next(session, 100), next(stayed, 100));
        }
    }
}
