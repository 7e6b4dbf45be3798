package dev.lathe.spark;

import dev.lathe.Model;
import dev.lathe.measure.Perplexity;
import dev.lathe.measure.Windows;
import java.util.Iterator;
import java.util.OptionalInt;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/** Measures how well the model predicts each text of a partition. */
final class ScoreRows implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1;

    private final ModelPlace place;
    private final int text;

    ScoreRows(ModelPlace place, int text) {
        this.place = place;
        this.text = text;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        Model model = ExecutorModel.of(place).model();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Row next() {
                return score(model, rows.next());
            }
        };
    }

    private Row score(Model model, Row row) {
        int[] tokens = model.tokenizer().encodePrompt(Rows.text(row, text));
        if (tokens.length < 2) {
            return Rows.with(row, null, 0);
        }
        int window = Math.min(tokens.length, model.contextLength());
        Windows windows = new Windows(window, window - 1, window - 1, Integer.MAX_VALUE, OptionalInt.empty());
        Perplexity perplexity = Perplexity.of(model, tokens, windows);
        return Rows.with(row, perplexity.value(), perplexity.tokenCount());
    }
}
