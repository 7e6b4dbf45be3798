package dev.lathe.spark;

import dev.lathe.Model;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.tensor.Workers;
import dev.lathe.text.Tokenizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/** Sums what layers read of a partition's sequences, as far as the tree of sums allows. */
final class CalibrateRows implements MapPartitionsFunction<Row, byte[]> {
    private static final long serialVersionUID = 1;

    private final ModelPlace place;
    private final int number;
    private final int text;
    private final int tokensEach;
    private final boolean gram;

    CalibrateRows(ModelPlace place, int number, int text, int tokensEach, boolean gram) {
        this.place = place;
        this.number = number;
        this.text = text;
        this.tokensEach = tokensEach;
        this.gram = gram;
    }

    @Override
    public Iterator<byte[]> call(Iterator<Row> rows) throws IOException {
        SumTree tree = new SumTree();
        try (OpenTensorSource model = Model.open(place.path());
                Workers workers = Workers.of(TaskContext.get().cpus())) {
            Tokenizer tokenizer = Tokenizer.from(model.metadata());
            while (rows.hasNext()) {
                Row row = rows.next();
                int[] tokens = tokens(row, tokenizer);
                tree.add(new SumNode(
                        0,
                        ((Number) row.get(number)).longValue(),
                        CalibrationSums.of(
                                model, Arrays.copyOf(tokens, Math.min(tokens.length, tokensEach)), gram, workers)));
            }
        }
        return tree.nodes().stream().map(SumNode::toBytes).iterator();
    }

    private int[] tokens(Row row, Tokenizer tokenizer) {
        if (row.get(text) instanceof String string) {
            return tokenizer.encodePrompt(string);
        }
        List<Integer> tokens = row.getList(text);
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }
}
