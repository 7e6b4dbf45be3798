package dev.lathe.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.GenerationResult;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.compress.ActivationStatistics;
import dev.lathe.compress.DecodedTensors;
import dev.lathe.compress.ImportanceMatrix;
import dev.lathe.compress.LayerSweep;
import dev.lathe.compress.LayerTensors;
import dev.lathe.decode.Sampler;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import dev.lathe.model.ActivationSite;
import dev.lathe.model.config.Pooling;
import dev.lathe.tensor.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilled;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a local master with two threads, whose tasks are tried four times. */
class SparkModelTest {
    private static final Path FILE = Path.of("../../examples/models/lathe-java-draft-f16.gguf");
    private static final AnswerOptions SAMPLED =
            AnswerOptions.DEFAULT.maxTokens(12).temperature(0.9).seed(7);
    private static final int ROWS = 23;
    private static final int SEQUENCES = 11;
    private static final int TOKENS = 16;

    @TempDir
    private static Path folder;

    private static SparkSession spark;
    private static SparkModel sparkModel;
    private static Model model;

    @BeforeAll
    static void start() throws IOException {
        spark = SparkSession.builder()
                .master("local[2,4]")
                .appName("SparkModelTest")
                .config("spark.ui.enabled", false)
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
                .getOrCreate();
        sparkModel = SparkModel.at(FILE.toString()).threads(1);
        model = Model.load(FILE, LoadOptions.DEFAULT.threads(1));
    }

    @AfterAll
    static void stop() {
        spark.stop();
        sparkModel.unload();
        model.close();
    }

    private static Dataset<Row> rows(int partitions) {
        StructType schema =
                new StructType().add("id", DataTypes.StringType, false).add("prompt", DataTypes.StringType, false);
        List<Row> rows = IntStream.range(0, ROWS)
                .mapToObj(i -> RowFactory.create("row" + i, "public static int f" + i % 5 + "("))
                .toList();
        return spark.createDataset(rows, Encoders.row(schema)).repartition(partitions);
    }

    /** The answers by the rows' ids, and the seeds. */
    private static Map<String, String> answers(Dataset<Row> rows) {
        Map<String, String> answers = new TreeMap<>();
        for (Row row : sparkModel.answer(rows, "id", "prompt", SAMPLED).collectAsList()) {
            answers.put(
                    row.getAs("id"),
                    row.getAs("answer") + "|" + row.getAs("answer_tokens") + "|" + row.getAs("finish_reason") + "|"
                            + row.getAs("seed"));
        }
        return answers;
    }

    /** What a plain loop generates. */
    private static Map<String, String> plainAnswers() {
        Map<String, String> answers = new TreeMap<>();
        try (Session session = model.newSession()) {
            for (Row row : rows(1).collectAsList()) {
                long seed = RowSeeds.seed(7, row.getString(0));
                GenerationResult result = session.generate(row.getString(1))
                        .sampler(Sampler.temperature(0.9f).seed(seed))
                        .maxTokens(12)
                        .run();
                answers.put(
                        row.getString(0),
                        result.text() + "|" + result.tokens().size() + "|" + result.finishReason() + "|" + seed);
            }
        }
        return answers;
    }

    @Test
    void rowsHaveTheAnswersOfAPlainLoopHoweverTheyArePartitioned() {
        Map<String, String> plain = plainAnswers();
        assertEquals(ROWS, plain.size());
        assertTrue(plain.values().stream().distinct().count() > ROWS / 2, plain.toString());
        assertEquals(plain, answers(rows(1)));
        assertEquals(plain, answers(rows(3)));
    }

    @Test
    void aTaskThatFailsAndIsTriedAgainGivesTheSameRows() {
        Dataset<Row> failing = rows(3).mapPartitions(
                        (org.apache.spark.api.java.function.MapPartitionsFunction<Row, Row>) rows -> {
                            List<Row> all = new ArrayList<>();
                            rows.forEachRemaining(all::add);
                            if (TaskContext.getPartitionId() == 1
                                    && TaskContext.get().attemptNumber() < 2) {
                                return new Iterator3(all.iterator());
                            }
                            return all.iterator();
                        },
                        rows(1).encoder());
        assertEquals(plainAnswers(), answers(failing));
    }

    /** Three rows, and then a fault. */
    private record Iterator3(java.util.Iterator<Row> rows, int[] count) implements java.util.Iterator<Row> {
        Iterator3(java.util.Iterator<Row> rows) {
            this(rows, new int[1]);
        }

        @Override
        public boolean hasNext() {
            return true;
        }

        @Override
        public Row next() {
            if (count[0]++ == 3) {
                throw new IllegalStateException("a fault of the first tries");
            }
            return rows.next();
        }
    }

    @Test
    void aTaskThatIsKilledIsTriedAgainAndGivesTheSameRows() {
        ConcurrentLinkedQueue<String> killed = new ConcurrentLinkedQueue<>();
        SparkListener killer = new SparkListener() {
            @Override
            public void onTaskStart(SparkListenerTaskStart start) {
                if (start.taskInfo().index() == 0 && start.taskInfo().attemptNumber() == 0) {
                    spark.sparkContext().killTaskAttempt(start.taskInfo().taskId(), true, "a test");
                }
            }

            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                if (end.reason() instanceof TaskKilled reason) {
                    killed.add(reason.reason());
                }
            }
        };
        Dataset<Row> waiting = rows(2).coalesce(2)
                .mapPartitions(
                        (org.apache.spark.api.java.function.MapPartitionsFunction<Row, Row>) rows -> {
                            TaskContext task = TaskContext.get();
                            long patience = System.nanoTime() + 20_000_000_000L;
                            while (task.partitionId() == 0
                                    && task.attemptNumber() == 0
                                    && System.nanoTime() < patience) {
                                Thread.sleep(5); // until it is killed
                            }
                            return rows;
                        },
                        rows(1).encoder());
        Map<String, String> plain = plainAnswers();
        spark.sparkContext().addSparkListener(killer);
        try {
            assertEquals(plain, answers(waiting));
        } finally {
            spark.sparkContext().removeSparkListener(killer);
        }
        assertTrue(killed.contains("a test"), killed.toString());
    }

    @Test
    void anExecutorLoadsItsModelOnce() throws Exception {
        SparkModel other = SparkModel.at(FILE.toString()).threads(2);
        Path file = folder.resolve("loads.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            Dataset<Row> answers = other.answer(rows(4), "id", "prompt", SAMPLED.maxTokens(2));
            assertEquals(ROWS, other.score(answers, "answer").collectAsList().size());
            recording.stop();
            recording.dump(file);
        } finally {
            other.unload();
        }
        assertEquals(
                1,
                RecordingFile.readAllEvents(file).stream()
                        .filter(event -> event.getEventType().getName().equals("dev.lathe.ModelLoad"))
                        .count());
    }

    @Test
    void answersFollowASchema() {
        AnswerOptions options = AnswerOptions.DEFAULT.jsonSchema("{\"type\": \"array\", \"maxItems\": 1}");
        for (Row row :
                sparkModel.answer(rows(1).limit(2), "id", "prompt", options).collectAsList()) {
            assertTrue(row.<String>getAs("answer").startsWith("["), row.toString());
        }
        assertThrows(RuntimeException.class, () -> AnswerOptions.DEFAULT.jsonSchema("{\"type\": 3}"));
    }

    @Test
    void aFileThatSparkDistributesIsFound() {
        spark.sparkContext().addFile(FILE.toAbsolutePath().toString());
        SparkModel distributed =
                SparkModel.distributed(FILE.getFileName().toString()).threads(1);
        try {
            assertEquals(
                    sparkModel.score(rows(1), "prompt").collectAsList(),
                    distributed.score(rows(1), "prompt").collectAsList());
        } finally {
            distributed.unload();
        }
    }

    @Test
    void textsHaveTheVectorsOfTheModel() {
        VectorOptions options = VectorOptions.DEFAULT.pooling(Pooling.MEAN);
        for (Row row : sparkModel.embed(rows(3), "prompt", options).collectAsList()) {
            List<Float> vector = row.getList(row.fieldIndex("vector"));
            float[] expected = model.embed(List.of(row.<String>getAs("prompt")), options.embedding())
                    .vector(0);
            assertEquals(expected.length, vector.size());
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], vector.get(i));
            }
        }
    }

    @Test
    void textsHaveThePerplexityOfTheModel() {
        for (Row row : sparkModel.score(rows(3), "prompt").collectAsList()) {
            int[] tokens = model.tokenizer().encodePrompt(row.<String>getAs("prompt"));
            Windows whole = Windows.of(tokens.length).stride(tokens.length - 1);
            assertEquals(Perplexity.of(model, tokens, whole).value(), row.<Double>getAs("perplexity"));
            assertEquals(tokens.length - 1, row.<Integer>getAs("scored_tokens"));
        }
        Dataset<Row> empty = rows(1).limit(1).withColumn("prompt", org.apache.spark.sql.functions.lit(""));
        assertTrue(sparkModel.score(empty, "prompt").first().isNullAt(2));
    }

    @Test
    void columnsThatAreAbsentOrTakenAreRefusedOnTheDriver() {
        assertEquals(
                "there is no column text: the rows have id, prompt",
                assertThrows(IllegalArgumentException.class, () -> sparkModel.score(rows(1), "text"))
                        .getMessage());
        Dataset<Row> scored = sparkModel.score(rows(1), "prompt");
        assertEquals(
                "the rows have a column perplexity already: rename it",
                assertThrows(IllegalArgumentException.class, () -> sparkModel.score(scored, "prompt"))
                        .getMessage());
    }

    private static List<int[]> sequences() throws IOException {
        int[] tokens = model.tokenizer()
                .encode(Files.readString(Path.of("../../src/main/java/dev/lathe/Model.java")), false, false);
        return IntStream.range(0, SEQUENCES)
                .mapToObj(i -> Arrays.copyOfRange(tokens, i * TOKENS, (i + 1) * TOKENS))
                .toList();
    }

    /** Sequences with their numbers, in an order of their own. */
    private static Dataset<Row> sequenceRows(int partitions, long shuffle, int first) throws IOException {
        StructType schema = new StructType()
                .add("number", DataTypes.LongType, false)
                .add("tokens", DataTypes.createArrayType(DataTypes.IntegerType), false);
        List<int[]> sequences = sequences();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < SEQUENCES; i++) {
            rows.add(RowFactory.create(
                    (long) first + i, Arrays.stream(sequences.get(i)).boxed().toArray(Integer[]::new)));
        }
        Collections.shuffle(rows, new Random(shuffle));
        return spark.createDataset(rows, Encoders.row(schema)).repartition(partitions);
    }

    private static CalibrationSums calibrated(Dataset<Row> rows) {
        return sparkModel.calibrate(rows, "number", "tokens", TOKENS, true);
    }

    private static void assertSame(CalibrationSums expected, CalibrationSums actual, OpenTensorSource source) {
        assertEquals(expected.sequences(), actual.sequences());
        for (int layer = 0; layer < model.layerCount(); layer++) {
            for (ActivationSite site : ActivationSite.values()) {
                assertEquals(expected.rows(layer, site, 0), actual.rows(layer, site, 0));
                assertArrayEquals(
                        expected.squares(layer, site, 0).orElse(new double[0]),
                        actual.squares(layer, site, 0).orElse(new double[0]));
                assertArrayEquals(
                        expected.gram(layer, site, 0).orElse(new double[0]),
                        actual.gram(layer, site, 0).orElse(new double[0]));
            }
        }
        ImportanceMatrix importances = expected.importances(source, "java");
        ImportanceMatrix others = actual.importances(source, "java");
        assertEquals(importances.tensorNames(), others.tensorNames());
        for (String name : importances.tensorNames()) {
            assertArrayEquals(
                    importances.find(name).orElseThrow().sums(),
                    others.find(name).orElseThrow().sums());
        }
    }

    @Test
    void calibrationSumsHaveTheSameBitsHoweverSequencesArePartitioned() throws Exception {
        try (OpenTensorSource source = Model.open(FILE);
                Workers workers = Workers.of(2)) {
            SumTree tree = new SumTree();
            for (int i = 0; i < SEQUENCES; i++) {
                tree.add(
                        new SumNode(0, i, CalibrationSums.of(source, sequences().get(i), true, workers)));
            }
            CalibrationSums machine = tree.total();
            assertSame(machine, calibrated(sequenceRows(1, 1, 0)), source);
            assertSame(machine, calibrated(sequenceRows(4, 2, 0)), source);
        }
    }

    @Test
    void calibrationSumsAreThoseOfOneSweepButForRounding() throws Exception {
        CalibrationSums sums = calibrated(sequenceRows(3, 3, 0));
        try (OpenTensorSource source = Model.open(FILE);
                Workers workers = Workers.of(1)) {
            LayerSweep sweep = LayerSweep.of(new DecodedTensors(source), sequences(), workers);
            sweep.observe(_ -> EnumSet.allOf(ActivationSite.class), (layer, read) -> {
                for (ActivationSite site : ActivationSite.values()) {
                    if (!LayerTensors.readers(source, layer, site).isEmpty()) {
                        assertClose(read, sums, layer, site);
                    }
                }
            });
            ImportanceMatrix importances = sums.importances(source, "java");
            assertEquals(SEQUENCES, importances.chunkCount());
            assertEquals(TOKENS, importances.chunkSize());
            importances.write(folder.resolve("imatrix.gguf"));
            assertEquals(
                    importances.tensorNames(),
                    ImportanceMatrix.read(folder.resolve("imatrix.gguf")).tensorNames());
            assertTrue(importances.find(LayerTensors.head(source)).isPresent());
        }
    }

    private static void assertClose(ActivationStatistics read, CalibrationSums sums, int layer, ActivationSite site) {
        assertEquals(read.rows(site), sums.rows(layer, site, 0));
        assertRelative(read.squares(site), sums.squares(layer, site, 0).orElseThrow());
        assertRelative(read.gram(site).toArray(), sums.gram(layer, site, 0).orElseThrow());
    }

    private static void assertRelative(double[] expected, double[] actual) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertArrayEquals(expected, actual, 1e-13 * largest);
    }

    @Test
    void twoSequencesOfOneNumberAreRefused() throws Exception {
        Dataset<Row> twice = sequenceRows(1, 1, 0).unionAll(sequenceRows(1, 1, SEQUENCES - 1));
        String message = assertThrows(IllegalArgumentException.class, () -> calibrated(twice))
                .getMessage();
        assertTrue(message.startsWith("two sequences have one number"), message);
    }
}
