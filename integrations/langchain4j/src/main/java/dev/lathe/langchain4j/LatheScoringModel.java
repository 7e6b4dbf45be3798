package dev.lathe.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.lathe.Model;
import dev.lathe.RankedDocument;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * How well texts answer a query, as a reranker scores them: higher is better, no probability. Thread-safe; the model
 * stays the caller's.
 */
public final class LatheScoringModel implements ScoringModel {
    private final Model model;

    /** Scores of a reranker: any other model refuses each call with an {@code UnsupportedOperationException}. */
    public LatheScoringModel(Model model) {
        this.model = Objects.requireNonNull(model, "model");
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        List<String> texts = segments.stream().map(TextSegment::text).toList();
        Double[] scores = new Double[texts.size()];
        for (RankedDocument ranked : Conversations.translating(() -> model.rank(query, texts))) {
            scores[ranked.index()] = (double) ranked.score();
        }
        return Response.from(Arrays.asList(scores));
    }
}
