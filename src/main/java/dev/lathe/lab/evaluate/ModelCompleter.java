package dev.lathe.lab.evaluate;

import dev.lathe.Generation;
import dev.lathe.GenerationResult;
import dev.lathe.Session;
import dev.lathe.decode.FinishReason;
import dev.lathe.decode.Sampler;
import java.util.Collections;
import java.util.List;

/**
 * Completes with a model, from left to right or in the middle. Samples of a greedy sampler are all the same, so one
 * is drawn. Uses the session; one thread at a time.
 *
 * @param session of the model
 * @param sampler what is sampled; its seed is the same for all problems
 * @param maxTokens the longest completion
 * @param fillsInMiddle whether the model is asked for a middle, which it must know; else it continues the prompt
 */
public record ModelCompleter(Session session, Sampler sampler, int maxTokens, boolean fillsInMiddle)
        implements Completer {
    /** A completer that continues the prompt. */
    public ModelCompleter(Session session, Sampler sampler, int maxTokens) {
        this(session, sampler, maxTokens, false);
    }

    @Override
    public List<String> complete(Problem problem, int samples) {
        String stop = problem.closingLine();
        Generation asked = fillsInMiddle
                ? session.fillInMiddle(problem.prompt(), stop + "\n}\n")
                : session.generate(problem.prompt());
        Generation generation = asked.sampler(sampler).maxTokens(maxTokens).stop(stop);
        if (sampler.isGreedy()) {
            return Collections.nCopies(samples, text(generation.run(), stop));
        }
        return generation.samples(samples).results().stream()
                .map(result -> text(result, stop))
                .toList();
    }

    /** A middle that ended by itself leaves out the line that follows it. */
    private String text(GenerationResult result, String stop) {
        boolean middleEnded = fillsInMiddle && result.finishReason() == FinishReason.END_OF_TEXT;
        boolean closed = result.finishReason() == FinishReason.STOP_STRING || middleEnded;
        return closed ? result.text() + stop : result.text();
    }
}
