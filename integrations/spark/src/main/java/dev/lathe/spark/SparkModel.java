package dev.lathe.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A model over datasets: one in each executor, loaded by the first task that needs it and shared by all. Only where it is
 * and what is asked of it travels; the file must be on each executor, or be distributed by Spark.
 *
 * <p>Results are columns added to the rows. The same row has the same result to the bit, whatever its partition, its
 * neighbours, the executor's processor and the number of threads, and however often its task is tried. Immutable.
 *
 * <pre>{@code
 * SparkModel model = SparkModel.at("/models/model.gguf");
 * Dataset<Row> answers = model.answer(questions, "id", "question", AnswerOptions.DEFAULT.temperature(0.8).seed(7));
 * }</pre>
 */
public final class SparkModel implements Serializable {
    private static final long serialVersionUID = 1;

    private final ModelPlace place;

    private SparkModel(ModelPlace place) {
        this.place = place;
    }

    /** A GGUF file, or a folder as Hugging Face serves it, at the same path on each executor. */
    public static SparkModel at(String path) {
        return new SparkModel(new ModelPlace(path, false, 0, null));
    }

    /** A file by the name under which {@code --files} or {@code SparkContext.addFile} distributes it. */
    public static SparkModel distributed(String name) {
        return new SparkModel(new ModelPlace(name, true, 0, null));
    }

    /** On so many threads of each executor; unless told, on all cores of its machine. */
    public SparkModel threads(int count) {
        return new SparkModel(new ModelPlace(place.file(), place.isDistributed(), count, place.packed()));
    }

    /** With packed weights kept in a folder of each executor, so that later applications start sooner. */
    public SparkModel packed(String folder) {
        return new SparkModel(new ModelPlace(place.file(), place.isDistributed(), place.threads(), folder));
    }

    /**
     * Answers prompts: adds {@code answer}, {@code answer_tokens}, {@code finish_reason} and {@code seed}, by which {@link
     * dev.lathe.decode.Sampler#seed(long)} repeats the answer anywhere.
     *
     * @param key the column that tells rows apart: a row's random numbers come from it
     * @param prompt the column with the prompts
     * @throws IllegalArgumentException if there is no such column, or a column of that name already
     */
    public Dataset<Row> answer(Dataset<Row> rows, String key, String prompt, AnswerOptions options) {
        StructType schema = rows.schema()
                .add("answer", DataTypes.StringType)
                .add("answer_tokens", DataTypes.IntegerType)
                .add("finish_reason", DataTypes.StringType)
                .add("seed", DataTypes.LongType);
        return map(rows, schema, new AnswerRows(place, column(rows, key), column(rows, prompt), options));
    }

    /**
     * Makes vectors of texts: adds {@code vector}, an array of floats.
     *
     * @param text the column with the texts
     * @throws IllegalArgumentException if there is no such column, or a column of that name already
     */
    public Dataset<Row> embed(Dataset<Row> rows, String text, VectorOptions options) {
        StructType schema = rows.schema().add("vector", DataTypes.createArrayType(DataTypes.FloatType, false));
        return map(rows, schema, new EmbedRows(place, column(rows, text), options));
    }

    /**
     * Measures how well the model predicts texts: adds {@code perplexity} and {@code scored_tokens}, which are all but the
     * first of a text. Texts longer than the model's context are read in windows of that length, each of which begins with
     * the last token of the one before; a rest shorter than a window is left out. A text of fewer than two tokens has no
     * perplexity.
     *
     * @param text the column with the texts
     * @throws IllegalArgumentException if there is no such column, or a column of that name already
     */
    public Dataset<Row> score(Dataset<Row> rows, String text) {
        StructType schema =
                rows.schema().add("perplexity", DataTypes.DoubleType).add("scored_tokens", DataTypes.IntegerType);
        return map(rows, schema, new ScoreRows(place, column(rows, text)));
    }

    /**
     * Sums what the linear layers read of calibration sequences, over all partitions, on the driver.
     *
     * <p>Sums are float64 and are added in the order of a binary tree over the numbers of the sequences, so they are the same
     * to the bit however the sequences are partitioned. Numbers that follow each other are summed where they lie; so give
     * sequences the numbers 0, 1, 2 and so on, neighbours in the same partition. Each sequence decodes the model's layers once:
     * sequences of some hundred tokens are worth it.
     *
     * @param number the column with the sequences' numbers, no two of them the same
     * @param text the column with texts, or with arrays of tokens
     * @param tokensEach of a longer text so many tokens are taken
     * @param gram whether Gram matrices are summed too: of each site of each layer one, columns times columns numbers
     * @throws IllegalArgumentException if there is no such column, or if two sequences have one number
     */
    public CalibrationSums calibrate(Dataset<Row> rows, String number, String text, int tokensEach, boolean gram) {
        if (tokensEach < 2) {
            throw new IllegalArgumentException("sequences of " + tokensEach + " tokens: expected at least 2");
        }
        List<byte[]> parts = rows.mapPartitions(
                        new CalibrateRows(place, column(rows, number), column(rows, text), tokensEach, gram),
                        Encoders.BINARY())
                .collectAsList();
        SumTree tree = new SumTree();
        parts.forEach(part -> tree.add(SumNode.of(part)));
        return tree.total();
    }

    /**
     * Frees the model in this virtual machine, where no task may be using it: for local masters, whose executor is the
     * program itself. Executors of clusters free it by ending.
     */
    public void unload() {
        ExecutorModel.unload(place);
    }

    private static int column(Dataset<Row> rows, String name) {
        int index = Arrays.asList(rows.columns()).indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException(
                    "there is no column " + name + ": the rows have " + String.join(", ", rows.columns()));
        }
        return index;
    }

    private static Dataset<Row> map(Dataset<Row> rows, StructType schema, MapPartitionsFunction<Row, Row> function) {
        String[] names = schema.fieldNames();
        for (int i = rows.columns().length; i < names.length; i++) {
            if (Arrays.asList(rows.columns()).contains(names[i])) {
                throw new IllegalArgumentException("the rows have a column " + names[i] + " already: rename it");
            }
        }
        return rows.mapPartitions(function, Encoders.row(schema));
    }
}
