package dev.lathe.lab.evaluate;

import dev.lathe.Generation;
import dev.lathe.GenerationResult;
import dev.lathe.Session;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Completes with a model, from left to right or in the middle. Samples of a greedy sampler are all the same, so one
 * is drawn. Uses the session; one thread at a time.
 *
 * @param session of the model
 * @param sampler what is sampled; its seed is the same for all problems
 * @param maxTokens the longest completion
 * @param fillInMiddle how the model is asked for a middle; empty to continue the prompt
 */
public record ModelCompleter(Session session, Sampler sampler, int maxTokens, Optional<FillInMiddle> fillInMiddle)
        implements Completer {
    /** A completer that continues the prompt. */
    public ModelCompleter(Session session, Sampler sampler, int maxTokens) {
        this(session, sampler, maxTokens, Optional.empty());
    }

    @Override
    public List<String> complete(Problem problem, int samples) {
        String stop = problem.closingLine();
        Generation generation = fillInMiddle
                .map(form ->
                        session.generate(form.tokens(session.model().tokenizer(), problem.prompt(), stop + "\n}\n")))
                .orElseGet(() -> session.generate(problem.prompt()))
                .sampler(sampler)
                .maxTokens(maxTokens)
                .stop(stop);
        if (sampler.isGreedy()) {
            return Collections.nCopies(samples, text(generation.run(), stop));
        }
        return generation.samples(samples).results().stream()
                .map(result -> text(result, stop))
                .toList();
    }

    /** A middle that ended by itself leaves out the line that follows it. */
    private String text(GenerationResult result, String stop) {
        boolean middleEnded = fillInMiddle.isPresent() && result.finishReason() == FinishReason.END_OF_TEXT;
        boolean closed = result.finishReason() == FinishReason.STOP_STRING || middleEnded;
        return closed ? result.text() + stop : result.text();
    }
}
