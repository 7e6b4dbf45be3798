package dev.lathe.spark;

import dev.lathe.Model;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/** Makes vectors of a partition's texts, some at a time. */
final class EmbedRows implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1;
    private static final int AT_ONCE = 32;

    private final ModelPlace place;
    private final int text;
    private final VectorOptions options;

    EmbedRows(ModelPlace place, int text, VectorOptions options) {
        this.place = place;
        this.text = text;
        this.options = options;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        Model model = ExecutorModel.of(place).model();
        Queue<Row> ready = new ArrayDeque<>();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                if (ready.isEmpty() && rows.hasNext()) {
                    embed();
                }
                return !ready.isEmpty();
            }

            private void embed() {
                List<Row> some = new ArrayList<>();
                while (some.size() < AT_ONCE && rows.hasNext()) {
                    some.add(rows.next());
                }
                List<String> texts =
                        some.stream().map(row -> Rows.text(row, text)).toList();
                List<float[]> vectors = model.embed(texts, options.embedding()).vectors();
                for (int i = 0; i < some.size(); i++) {
                    ready.add(Rows.with(some.get(i), (Object) vectors.get(i)));
                }
            }

            @Override
            public Row next() {
                hasNext();
                return ready.remove();
            }
        };
    }
}
