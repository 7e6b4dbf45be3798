package dev.lathe.hub;

import static dev.lathe.hub.HubServer.onFiles;
import static dev.lathe.hub.HubServer.status;
import static dev.lathe.hub.HubServer.times;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.text.json.JsonValue;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubTest {
    private static final String NAME = HubServer.REPOSITORY;
    private static final String FILE = "lathe-Q4_K_M.gguf";
    private static final byte[] CONTENT = new byte[300_000];

    static {
        new Random(1).nextBytes(CONTENT);
    }

    @TempDir
    private Path folder;

    private HubServer server;
    private HubOptions options;

    @BeforeEach
    void start() throws IOException {
        server = new HubServer().with("README.md", "# A lathe").with(FILE, CONTENT);
        options = HubOptions.of(Map.of(), folder)
                .endpoint(server.uri())
                .cache(folder.resolve("cache"))
                .attempts(3, Duration.ofMillis(300), Duration.ofMillis(1), Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Path find(String name) throws IOException {
        return new Hub(options).find(name);
    }

    private String refusal(String name) {
        String message = assertThrows(HubException.class, () -> find(name)).getMessage();
        assertTrue(message.startsWith(name), message);
        assertNothingVisible();
        return message;
    }

    /** No file has its final name, in blobs or snapshots. */
    private void assertNothingVisible() {
        try (Stream<Path> paths = Files.walk(folder)) {
            assertEquals(
                    List.of(),
                    paths.filter(path -> path.toString().matches(".*/(snapshots/.*/.*|blobs/[0-9a-f]+)"))
                            .toList());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path cached(String... names) {
        return options.cache().resolve("models--turner--lathe-GGUF", names);
    }

    @Test
    void aNameIsDownloadedOnceAndKeptAsHuggingFacesClientKeepsIt() throws Exception {
        Path found = find(NAME + ":q4_k_m");
        assertEquals(cached("snapshots", HubServer.COMMIT, FILE), found);
        assertArrayEquals(CONTENT, Files.readAllBytes(found));
        String hash = HubServer.hash("SHA-256", CONTENT);
        assertEquals(Path.of("../../blobs/" + hash), Files.readSymbolicLink(found));
        assertEquals(HubServer.COMMIT, Files.readString(cached("refs", "main")));
        assertTrue(Files.exists(options.cache().resolve("CACHEDIR.TAG")));

        assertEquals(found, find(NAME));
        assertEquals(1, server.downloads().size(), server.requests.toString());
    }

    @Test
    void smallFilesAreCheckedByTheirGitId() throws Exception {
        Path found = find(NAME + "/README.md");
        assertEquals(Path.of("../../blobs/" + HubServer.gitId("# A lathe".getBytes())), Files.readSymbolicLink(found));
    }

    @Test
    void aCommitThatIsThereNeedsNoNetwork() throws Exception {
        Path found = find(NAME);
        server.close();
        assertEquals(found, find(NAME + "@" + HubServer.COMMIT));
        String message = assertThrows(HubException.class, () -> find(NAME)).getMessage();
        assertTrue(message.contains("HF_HUB_OFFLINE=1"), message);
    }

    @Test
    void offlineFindsWhatIsThereAndSaysWhatIsNot() throws Exception {
        Path found = find(NAME);
        Hub offline = new Hub(options.offline(true));
        int asked = server.requests.size();
        assertEquals(found, offline.find(NAME));
        assertEquals(found, offline.find(NAME + ":Q4_K_M@main"));
        for (String missing : List.of(NAME + "/README.md", "turner/other", NAME + "@v2")) {
            String message = assertThrows(HubException.class, () -> offline.find(missing))
                    .getMessage();
            assertTrue(message.contains("offline"), message);
        }
        assertEquals(asked, server.requests.size());
    }

    @Test
    void cachesWithoutListingsAreReadOffline() throws Exception {
        Path found = find(NAME);
        Files.delete(cached("trees", HubServer.COMMIT + ".json"));
        assertEquals(found, new Hub(options.offline(true)).find(NAME));
    }

    @Test
    void aTokenGoesToTheHubAndNowhereElse() throws Exception {
        server.redirecting = true;
        options = options.token("hf_secret");
        assertArrayEquals(CONTENT, Files.readAllBytes(find(NAME)));
        for (String request : server.requests) {
            assertEquals(request.startsWith("hub "), request.endsWith("Bearer hf_secret"), request);
        }
        assertTrue(server.requests.stream().anyMatch(request -> request.startsWith("store ")));
        assertFalse(options.toString().contains("secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x", "", "http://", "::"})
    void redirectsLeadToHostsAlone(String location) {
        server.atHub = onFiles(status(302, "Location", location));
        String message = refusal(NAME);
        assertTrue(message.contains("redirect"), message);
    }

    @Test
    void redirectsEnd() {
        server.atHub = onFiles(exchange ->
                status(302, "Location", exchange.getRequestURI() + "x").play(exchange));
        assertTrue(refusal(NAME).contains("redirects more than"));
    }

    @Test
    void aCutConnectionIsTakenUpWhereItWasCut() throws Exception {
        server.atHub = onFiles(times(2, server.cutAfter(100_000)));
        assertArrayEquals(CONTENT, Files.readAllBytes(find(NAME)));
        List<String> downloads = server.downloads();
        assertEquals(3, downloads.size(), downloads.toString());
        assertTrue(downloads.get(1).contains(" bytes="), downloads.toString());
        assertTrue(downloads.get(2).contains(" bytes="), downloads.toString());
    }

    @Test
    void aServerWithoutRangesSendsAllOfItAgain() throws Exception {
        server.atHub = onFiles(times(2, exchange -> {
            exchange.getRequestHeaders().remove("Range");
            return server.cutAfter(100_000).play(exchange);
        }));
        assertArrayEquals(CONTENT, Files.readAllBytes(find(NAME)));
    }

    @Test
    void aServerThatFallsSilentIsGivenUp() {
        CountDownLatch end = new CountDownLatch(1);
        server.atHub = onFiles(exchange -> {
            exchange.sendResponseHeaders(200, CONTENT.length);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            await(end);
            return true;
        });
        options = options.attempts(2, Duration.ofMillis(100), Duration.ofMillis(1), Duration.ofSeconds(5));
        try {
            assertTrue(refusal(NAME).contains("nothing came for 100 ms, 2 times in a row"));
        } finally {
            end.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aWrongHashIsRefusedAndDeleted() throws Exception {
        byte[] wrong = CONTENT.clone();
        wrong[7]++;
        server.atHub = onFiles(times(1, exchange -> {
            exchange.sendResponseHeaders(200, wrong.length);
            exchange.getResponseBody().write(wrong);
            return true;
        }));
        assertTrue(refusal(NAME).contains("came with the hash"));
        assertArrayEquals(CONTENT, Files.readAllBytes(find(NAME)));
    }

    @Test
    void aBodyWithoutEndIsCutOff() {
        server.atHub = onFiles(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 10_000; i++) {
                exchange.getResponseBody().write(new byte[10_000]);
            }
            return true;
        });
        assertTrue(refusal(NAME).contains("but more come"));
    }

    @Test
    void aBodyThatIsTooShortIsNoFile() {
        server.atHub = onFiles(exchange -> {
            exchange.sendResponseHeaders(exchange.getRequestHeaders().containsKey("Range") ? 206 : 200, -1);
            return true;
        });
        assertTrue(refusal(NAME).contains("it ended after 0 of 300000 bytes, 3 times in a row"));
    }

    @Test
    void anotherRangeThanAskedForIsRefused() {
        server.atHub = onFiles(exchange -> {
            if (exchange.getRequestHeaders().containsKey("Range")) {
                return status(206, "Content-Range", "bytes 5-6/300000").play(exchange);
            }
            return server.cutAfter(100_000).play(exchange);
        });
        assertTrue(refusal(NAME).contains("sends another part"));
    }

    @ParameterizedTest
    @CsvSource({
        "401, set HF_TOKEN to yours",
        "403, accept the terms at",
        "404, there is no turner/lathe-GGUF with revision main; check the name",
        "418, which is not expected"
    })
    void refusalsSayWhatHelps(int status, String cure) {
        server.atHub = status(status);
        assertTrue(refusal(NAME).contains(cure), refusal(NAME));
        server.atHub = onFiles(status(status));
        assertTrue(refusal(NAME).contains(cure), refusal(NAME));
    }

    @Test
    void theStoresRefusalIsNotTheHubs() {
        server.redirecting = true;
        server.atStore = status(403);
        assertFalse(refusal(NAME).contains("accept"), refusal(NAME));
    }

    @Test
    void aBusyHubIsWaitedFor() throws Exception {
        server.atHub = times(2, status(429, "Retry-After", "0"));
        long start = System.nanoTime();
        find(NAME);
        assertTrue(System.nanoTime() - start < 5_000_000_000L);
        assertEquals(5, server.requests.size(), server.requests.toString());
    }

    @ParameterizedTest
    @CsvSource({"3600, asks to wait", "'Wed, 01 Jan 2098 00:00:00 GMT', asks to wait", "'', 3 times in a row"})
    void aHubThatIsBusyForLongIsNotWaitedFor(String retryAfter, String message) {
        server.atHub = status(429, "Retry-After", retryAfter);
        assertTrue(refusal(NAME).contains(message), refusal(NAME));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../../escaped.gguf",
                "/etc/escaped.gguf",
                "a/../../escaped.gguf",
                "a//escaped.gguf",
                "..\\escaped.gguf",
                "C:escaped.gguf",
                "escaped\u0000.gguf",
                "./escaped.gguf"
            })
    void namesInListingsThatLeadElsewhereAreRefused(String path) throws Exception {
        server.listedPath = path;
        String message = assertThrows(HubException.class, () -> find(NAME)).getMessage();
        assertTrue(message.contains("no path within a repository"), message);
        assertEquals(List.of(), server.downloads());
        try (Stream<Path> files = Files.walk(folder)) {
            assertTrue(files.noneMatch(file -> file.toString().contains("escaped")));
        }
    }

    @Test
    void whatIsNoHubIsTold() {
        server.atHub = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("<html>".getBytes());
            return true;
        };
        assertTrue(refusal(NAME).contains("is it a hub?"));
    }

    @Test
    void listingsOfSeveralPagesAreReadFromTheEndpoint() throws Exception {
        server.pageSize = 1;
        assertArrayEquals(CONTENT, Files.readAllBytes(find(NAME)));
        assertEquals(
                3,
                server.requests.stream()
                        .filter(request -> request.contains("/tree/"))
                        .count());
    }

    @Test
    void splitSetsComeWhole() throws Exception {
        String stem = "split/lathe-F16-0000";
        server.with(stem + "1-of-00002.gguf", CONTENT).with(stem + "2-of-00002.gguf", "the rest");
        Path found = find(NAME + ":f16");
        assertEquals("lathe-F16-00001-of-00002.gguf", found.getFileName().toString());
        assertTrue(Files.exists(found.resolveSibling("lathe-F16-00002-of-00002.gguf")));
        assertEquals(Path.of("../../../blobs", HubServer.hash("SHA-256", CONTENT)), Files.readSymbolicLink(found));
    }

    @Test
    void theCachesModelsAreListed() throws Exception {
        server.with("config.json", "{}").with("model.safetensors", "weights");
        Path found = find(NAME);
        Files.createDirectories(options.cache().resolve("models--not-whole/snapshots/x"));
        List<CachedModel> models = new Hub(options).models();
        assertEquals(1, models.size(), models.toString());
        assertEquals(ModelName.parse(NAME + "/" + FILE), models.getFirst().name());
        assertEquals(found, models.getFirst().path());
        assertEquals(CONTENT.length, models.getFirst().bytes());
    }

    @Test
    void anInterruptEndsADownloadWhichGoesOnLater() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        server.atHub = onFiles(times(1, exchange -> {
            server.cutAfter(100_000).play(exchange);
            await(end);
            return true;
        }));
        options = options.attempts(3, Duration.ofSeconds(60), Duration.ofMillis(1), Duration.ofSeconds(5));
        List<Throwable> thrown = new ArrayList<>();
        CountDownLatch arrived = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                new Hub(options).find(ModelName.parse(NAME), (_, done, _) -> {
                    if (done >= 100_000) {
                        arrived.countDown();
                    }
                });
            } catch (IOException e) {
                thrown.add(e);
                assertTrue(Thread.currentThread().isInterrupted());
            }
        });
        arrived.await();
        thread.interrupt();
        thread.join();
        end.countDown();
        assertEquals(InterruptedIOException.class, thrown.getFirst().getClass());
        assertNothingVisible();
        assertArrayEquals(CONTENT, Files.readAllBytes(find(NAME)));
        assertTrue(server.downloads().getLast().contains("bytes=100000-"), server.requests.toString());
    }

    @Test
    void threadsAtOnceDownloadOnce() throws Exception {
        List<Callable<Path>> asks = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            asks.add(() -> find(NAME));
        }
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (var found : pool.invokeAll(asks)) {
                assertArrayEquals(CONTENT, Files.readAllBytes(found.get()));
            }
        }
        assertEquals(1, server.downloads().size(), server.requests.toString());
    }

    @Test
    void processesAtOnceDownloadOnce() throws Exception {
        String classPath = Stream.of(HubTest.class, Hub.class, JsonValue.class)
                .map(type ->
                        type.getProtectionDomain().getCodeSource().getLocation().getPath())
                .collect(Collectors.joining(File.pathSeparator));
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    classPath,
                    "dev.lathe.hub.HubTest$Finder",
                    NAME);
            builder.environment().putAll(Map.of("HF_ENDPOINT", server.uri().toString(), "HF_HOME", folder.toString()));
            processes.add(builder.inheritIO().start());
        }
        for (Process process : processes) {
            assertEquals(0, process.waitFor());
        }
        assertEquals(1, server.downloads().size(), server.requests.toString());
        assertArrayEquals(
                CONTENT,
                Files.readAllBytes(new Hub(options.cache(folder.resolve("hub")).offline(true)).find(NAME)));
    }

    /** A process that asks for a model. */
    static final class Finder {
        public static void main(String[] arguments) throws IOException {
            Hub.fromEnvironment().find(arguments[0]);
        }
    }

    @Test
    void theEnvironmentIsReadAsHuggingFacesClientReadsIt() throws Exception {
        HubOptions plain = HubOptions.of(Map.of(), folder);
        assertEquals(folder.resolve(".cache/huggingface/hub"), plain.cache());
        assertFalse(plain.offline());
        assertEquals(
                folder.resolve("x/hub"),
                HubOptions.of(Map.of("HF_HOME", "~/x"), folder).cache());
        HubOptions all = HubOptions.of(
                Map.of(
                        "HF_HUB_CACHE", "/models",
                        "HF_HOME", "/home",
                        "HF_TOKEN", " hf_a ",
                        "HF_HUB_OFFLINE", "yes",
                        "HF_ENDPOINT", "http://mirror:81/hub/"),
                folder);
        assertEquals(Path.of("/models"), all.cache());
        assertEquals("hf_a", all.token().orElseThrow());
        assertTrue(all.offline());
        assertEquals(URI.create("http://mirror:81/hub"), all.endpoint());
        Files.createDirectories(folder.resolve("h"));
        Files.writeString(folder.resolve("h/token"), "hf_saved\n");
        assertEquals(
                "hf_saved",
                HubOptions.of(Map.of("HF_HOME", folder.resolve("h").toString()), folder)
                        .token()
                        .orElseThrow());
    }
}
