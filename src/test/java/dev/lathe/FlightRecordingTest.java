package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.constraint.Constraint;
import dev.lathe.serve.EngineOptions;
import dev.lathe.serve.QueueFullException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording holds of a program with Lathe. */
class FlightRecordingTest {
    private static final Path FILE = Path.of("examples/models/lathe-java-draft-f16.gguf");
    private static final String PROMPT = "public static int max(int a, int b) {\n";
    private static final Set<String> OF_EVERY_EVENT = Set.of("startTime", "duration", "eventThread", "stackTrace");

    @TempDir
    private static Path folder;

    private static Model model;

    /** Work that a recording is made of. */
    private interface Work {
        void run() throws Exception;
    }

    @BeforeAll
    static void load() throws IOException {
        model = Model.load(FILE, LoadOptions.DEFAULT.threads(1));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Lathe's events of one kind while something was done. */
    private static List<RecordedEvent> events(String kind, Work work) throws Exception {
        Path file = folder.resolve("work.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            work.run();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().equals("dev.lathe." + kind))
                .toList();
    }

    private static RecordedEvent event(String kind, Work work) throws Exception {
        List<RecordedEvent> events = events(kind, work);
        assertEquals(1, events.size(), events.toString());
        return events.getFirst();
    }

    @Test
    void aModelThatIsLoaded() throws Exception {
        LoadReport[] report = new LoadReport[1];
        RecordedEvent event = event("ModelLoad", () -> {
            try (Model loaded = Model.load(FILE, LoadOptions.DEFAULT.threads(2))) {
                report[0] = loaded.loadReport();
            }
        });
        assertEquals(FILE.toString(), event.getString("file"));
        assertEquals("llama", event.getString("architecture"));
        assertEquals(report[0].weightBytes(), event.getLong("weightBytes"));
        assertEquals(report[0].weights(), event.getDuration("weightsTime"));
        assertEquals(2, event.getInt("threads"));
        assertEquals(Kernels.inUse().name(), event.getString("kernels"));
        assertTrue(event.getDuration().compareTo(report[0].total()) >= 0, event.toString());
    }

    @Test
    void aPromptAndItsGeneration() throws Exception {
        try (Session session = model.newSession()) {
            GenerationResult[] result = new GenerationResult[2];
            Work work = () -> {
                result[0] = session.generate(PROMPT).maxTokens(4).run();
                result[1] = session.generate(PROMPT)
                        .sampler(Sampler.temperature(1).seed(7))
                        .maxTokens(5)
                        .run();
            };
            List<RecordedEvent> generations = events("Generation", work);
            assertEquals(2, generations.size());
            RecordedEvent second = generations.get(1);
            assertEquals(result[1].stats().generatedTokens(), second.getInt("tokens"));
            assertEquals(result[1].stats().promptTokens(), second.getInt("promptTokens"));
            assertEquals(result[1].stats().reusedPromptTokens(), second.getInt("reusedTokens"));
            assertEquals(result[1].stats().timeToFirstToken().orElseThrow(), second.getDuration("timeToFirstToken"));
            assertEquals(result[1].stats().decodeTime(), second.getDuration("decodeTime"));
            assertEquals(result[1].stats().promptTime(), second.getDuration("promptTime"));
            assertEquals(result[1].finishReason().name(), second.getString("finishReason"));
            assertEquals(7, second.getLong("seed"));
            assertEquals("autoregressive", second.getString("strategy"));

            List<RecordedEvent> prompts = events("Prompt", work);
            int tokens = result[0].stats().promptTokens();
            assertEquals(2, prompts.size());
            assertEquals(tokens, prompts.get(1).getInt("tokens"));
            assertEquals(tokens - 1, prompts.get(1).getInt("reusedTokens")); // all that the last one has in common
            assertTrue(prompts.get(1).getBoolean("complete"));
        }
    }

    @Test
    void aGenerationThatIsCancelledInItsPrompt() throws Exception {
        try (Session session = model.newSession(SessionOptions.DEFAULT.promptBatchSize(4))) {
            Work work = () -> {
                Generation generation = session.generate(PROMPT);
                generation
                        .onPromptProgress((_, _) -> Thread.currentThread().interrupt())
                        .run();
                assertTrue(Thread.interrupted());
            };
            assertFalse(event("Prompt", work).getBoolean("complete"));
            RecordedEvent generation = event("Generation", work);
            assertEquals(FinishReason.CANCELLED.name(), generation.getString("finishReason"));
            assertEquals(0, generation.getLong("timeToFirstToken"));
        }
    }

    @Test
    void aGenerationThatFails() throws Exception {
        try (Session session = model.newSession()) {
            RecordedEvent generation = event(
                    "Generation",
                    () -> assertThrows(
                            IllegalStateException.class,
                            () -> session.generate(PROMPT)
                                    .onPromptProgress((_, _) -> {
                                        throw new IllegalStateException("a listener's fault");
                                    })
                                    .run()));
            assertEquals("FAILED", generation.getString("finishReason"));
        }
    }

    @Test
    void whatDraftsDid() throws Exception {
        try (Session session = model.newSession()) {
            GenerationResult[] result = new GenerationResult[1];
            RecordedEvent event = event(
                    "Speculation",
                    () -> result[0] = session.generate(PROMPT)
                            .decoding(Decoding.speculative(Draft.model(model)).draftLength(3))
                            .maxTokens(12)
                            .run());
            var decoding = result[0].stats().decoding();
            var drafting = decoding.drafting().orElseThrow();
            assertEquals(decoding.strategy(), event.getString("strategy"));
            assertEquals(drafting.draft(), event.getString("draft"));
            assertEquals(decoding.steps(), event.getLong("passes"));
            assertEquals(decoding.tokens(), event.getLong("tokens"));
            assertEquals(decoding.draftedTokens(), event.getLong("draftedTokens"));
            assertEquals(decoding.acceptedTokens(), event.getLong("acceptedTokens"));
            assertEquals(decoding.acceptanceRate(), event.getDouble("acceptanceRate"));
            assertEquals(drafting.draftPasses(), event.getLong("draftPasses"));
            assertEquals(drafting.draftTime(), event.getDuration("draftTime"));
            assertEquals(drafting.verifyTime(), event.getDuration("verifyTime"));
        }
    }

    @Test
    void whatMasksCost() throws Exception {
        try (Session session = model.newSession()) {
            RecordedEvent event = event(
                    "Constraint",
                    () -> session.generate(PROMPT)
                            .constrain(Constraint.regex("[0-9]{3}"))
                            .maxTokens(9)
                            .run());
            assertTrue(event.getBoolean("complete"));
            assertTrue(event.getLong("masks") >= 3, event.toString());
            assertTrue(event.getDuration("longestMask").isPositive(), event.toString());
            assertTrue(event.getDuration("longestMask").compareTo(event.getDuration("maskTime")) <= 0);
            assertEquals(
                    List.of(),
                    events(
                            "Constraint",
                            () -> session.generate(PROMPT).maxTokens(3).run()));
        }
    }

    @Test
    void requestsOfAnEngine() throws Exception {
        List<RecordedEvent> requests = events("EngineRequest", () -> {
            try (Engine engine = model.engine(EngineOptions.DEFAULT.texts(1).queueCapacity(1))) {
                CountDownLatch full = new CountDownLatch(1);
                Answer first = engine.generate(PROMPT)
                        .maxTokens(6)
                        .onToken(_ -> await(full))
                        .submit();
                first.iterator().next(); // it is let in
                Answer second = engine.generate(PROMPT).priority(3).maxTokens(2).submit();
                assertThrows(
                        QueueFullException.class, () -> engine.generate("class").submit());
                full.countDown();
                first.result();
                second.result();
            }
        });
        assertEquals(
                Set.of("REFUSED 0 0", "MAX_TOKENS 6 0", "MAX_TOKENS 2 3"),
                requests.stream()
                        .map(event -> event.getString("outcome") + " " + event.getInt("tokens") + " "
                                + event.getInt("priority"))
                        .collect(Collectors.toSet()));
        assertEquals(3, requests.size());
        assertTrue(requests.stream()
                .anyMatch(event -> event.getDuration("queueTime").isPositive()));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void passesOfAnEngine() throws Exception {
        EngineStatistics[] statistics = new EngineStatistics[1];
        List<RecordedEvent> passes = events("EnginePass", () -> {
            try (Engine engine = model.engine()) {
                List<Answer> answers = Stream.of("class A", "class B", "class C")
                        .map(prompt -> engine.generate(prompt).maxTokens(5).submit())
                        .toList();
                answers.forEach(Answer::result);
                statistics[0] = engine.statistics();
            }
        });
        assertEquals(statistics[0].passes().passes(), passes.size());
        assertEquals(statistics[0].passes().rows(), sum(passes, "rows"));
        assertEquals(statistics[0].passes().promptRows(), sum(passes, "promptRows"));
        assertEquals(statistics[0].passes().texts(), sum(passes, "texts"));
    }

    private static long sum(List<RecordedEvent> events, String field) {
        return events.stream().mapToLong(event -> event.getInt(field)).sum();
    }

    /** The events that there are, by the classes of the library. */
    private static List<EventType> kinds() throws Exception {
        Path classes = Path.of(
                Model.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(path -> path.toString().endsWith("Event.class"))
                    .toList()) {
                String name = classes.relativize(file).toString().replace('/', '.');
                Class<? extends Event> kind = Class.forName(name.substring(0, name.length() - ".class".length()))
                        .asSubclass(Event.class);
                FlightRecorder.register(kind);
            }
        }
        return FlightRecorder.getFlightRecorder().getEventTypes().stream()
                .filter(type -> type.getName().startsWith("dev.lathe."))
                .toList();
    }

    @Test
    void everyEventAndFieldIsDescribed() throws Exception {
        assertEquals(7, kinds().size(), kinds().toString());
        for (EventType kind : kinds()) {
            assertTrue(
                    kind.getLabel() != null
                            && kind.getDescription() != null
                            && kind.getCategoryNames().size() == 2,
                    kind.getName());
            assertEquals("Lathe", kind.getCategoryNames().getFirst());
            for (ValueDescriptor field : kind.getFields()) {
                assertTrue(
                        OF_EVERY_EVENT.contains(field.getName())
                                || field.getLabel() != null && field.getDescription() != null,
                        kind.getName() + "." + field.getName());
            }
        }
    }

    @Test
    void theDocumentationHasEachEventWithItsFields() throws Exception {
        Set<String> documented = new TreeSet<>();
        Pattern.compile("(?m)^\\| `(dev\\.lathe\\.\\w+)` \\|.*\\| ([^|]*) \\|$")
                .matcher(Files.readString(Path.of("docs/operations.md")))
                .results()
                .forEach(
                        row -> documented.add(row.group(1) + ": " + row.group(2).replace("`", "")));
        Set<String> actual = new TreeSet<>();
        for (EventType kind : kinds()) {
            actual.add(kind.getName() + ": "
                    + kind.getFields().stream()
                            .map(ValueDescriptor::getName)
                            .filter(field -> !OF_EVERY_EVENT.contains(field))
                            .collect(Collectors.joining(", ")));
        }
        assertEquals(actual, documented);
    }
}
