package dev.lathe.spark;

import dev.lathe.Answer;
import dev.lathe.Engine;
import dev.lathe.GenerationResult;
import dev.lathe.Request;
import dev.lathe.decode.GenerationOptions;
import dev.lathe.text.ChatMessage;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/** Answers the prompts of a partition, some at a time: the engine evaluates them together, and those of other tasks too. */
final class AnswerRows implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1;
    private static final int AT_ONCE = 16;

    private final ModelPlace place;
    private final int key;
    private final int prompt;
    private final AnswerOptions options;

    AnswerRows(ModelPlace place, int key, int prompt, AnswerOptions options) {
        this.place = place;
        this.key = key;
        this.prompt = prompt;
        this.options = options;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        Answers answers = new Answers(rows, ExecutorModel.of(place).engine(), options.generation());
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) _ -> answers.cancel());
        return answers;
    }

    private record Asked(Row row, long seed, Answer answer) {}

    /** Answers in the order of the rows. */
    private final class Answers implements Iterator<Row> {
        private final Iterator<Row> rows;
        private final Engine engine;
        private final GenerationOptions generation;
        private final Queue<Asked> asked = new ArrayDeque<>();

        Answers(Iterator<Row> rows, Engine engine, GenerationOptions generation) {
            this.rows = rows;
            this.engine = engine;
            this.generation = generation;
        }

        @Override
        public boolean hasNext() {
            while (asked.size() < AT_ONCE && rows.hasNext()) {
                asked.add(ask(rows.next()));
            }
            return !asked.isEmpty();
        }

        private Asked ask(Row row) {
            long seed = RowSeeds.seed(options.seed(), row.get(key));
            String text = Rows.text(row, prompt);
            Request request = options.chat() ? engine.chat(List.of(ChatMessage.user(text))) : engine.generate(text);
            Answer answer = request.options(
                            generation.sampler(generation.sampler().seed(seed)))
                    .submit();
            return new Asked(row, seed, answer);
        }

        @Override
        public Row next() {
            hasNext();
            Asked next = asked.remove();
            GenerationResult result = next.answer().result();
            return Rows.with(
                    next.row(),
                    result.text(),
                    result.stats().generatedTokens(),
                    result.finishReason().name(),
                    next.seed());
        }

        /** A task that ends, or is killed, leaves no work behind. */
        void cancel() {
            asked.forEach(left -> left.answer().cancel());
        }
    }
}
